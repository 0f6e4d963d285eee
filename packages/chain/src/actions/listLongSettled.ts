import type { Hex } from "@demec/protocol";
import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { getBlock, getContractEvents } from "../reads.ts";
import type { ReadClient } from "../types.ts";

/** Sessions that one read of logs asks for. */
const SESSIONS_A_READ = 100;

/**
 * Which of some sessions have been settled for long: no reorganisation can undo their settlement, and so many seconds lie
 * between its block and the chain's newest finalized one. What was kept of them can be forgotten.
 * @param seconds of the chain's time, ≥ 0
 * @throws chain/rpc
 */
export async function listLongSettled(
  client: ReadClient,
  deployment: Deployment,
  { sessionIds, seconds }: { readonly sessionIds: readonly Hex[]; readonly seconds: number },
): Promise<Hex[]> {
  const finalized = await getBlock(client, { blockTag: "finalized" });
  const long: Hex[] = [];
  for (let first = 0; first < sessionIds.length; first += SESSIONS_A_READ) {
    const logs = await getContractEvents(client, {
      address: deployment.escrow,
      abi: slaEscrowAbi,
      eventName: "SessionSettled",
      args: { sessionId: sessionIds.slice(first, first + SESSIONS_A_READ) },
      fromBlock: deployment.deploymentBlock,
      toBlock: finalized.number,
      strict: true,
    });
    for (const { args, blockNumber } of logs) {
      const { timestamp } = await getBlock(client, { blockNumber });
      if (finalized.timestamp - timestamp >= BigInt(seconds)) long.push(args.sessionId);
    }
  }
  return long;
}
