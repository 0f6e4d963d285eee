import type { Hex } from "@demec/protocol";
import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { getBlock, getContractEvents } from "../reads.ts";
import type { ReadClient } from "../types.ts";

/**
 * For how long the chain has held a session's settlement final: seconds from the block of its settlement to the chain's
 * newest finalized block; null while it is not settled, or a reorganisation could still undo it.
 * @throws chain/rpc
 */
export async function settledSeconds(
  client: ReadClient,
  deployment: Deployment,
  sessionId: Hex,
): Promise<number | null> {
  const finalized = await getBlock(client, { blockTag: "finalized" });
  const [log] = await getContractEvents(client, {
    address: deployment.escrow,
    abi: slaEscrowAbi,
    eventName: "SessionSettled",
    args: { sessionId },
    fromBlock: deployment.deploymentBlock,
    toBlock: finalized.number,
    strict: true,
  });
  if (log === undefined) return null;
  const { timestamp } = await getBlock(client, { blockNumber: log.blockNumber });
  return Number(finalized.timestamp - timestamp);
}
