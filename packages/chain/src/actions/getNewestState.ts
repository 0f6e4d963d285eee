import type { Hex, SessionState } from "@demec/protocol";
import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { getContractEvents } from "../reads.ts";
import type { ReadClient } from "../types.ts";

/** Newest state of a session that was brought to the chain so far, null when there was none. */
export async function getNewestState(
  client: ReadClient,
  deployment: Deployment,
  sessionId: Hex,
): Promise<SessionState | null> {
  const filter = {
    address: deployment.escrow,
    abi: slaEscrowAbi,
    args: { sessionId },
    fromBlock: deployment.deploymentBlock,
    strict: true,
  } as const;
  const logs = await Promise.all([
    getContractEvents(client, { ...filter, eventName: "Collected" }),
    getContractEvents(client, { ...filter, eventName: "ClosingStarted" }),
    getContractEvents(client, { ...filter, eventName: "ClosingChallenged" }),
  ]);
  let newest: SessionState | null = null;
  for (const { args } of logs.flat()) if (args.state.seq > (newest?.seq ?? 0n)) newest = args.state;
  return newest;
}
