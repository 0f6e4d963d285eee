import type { Address, Hex } from "@demec/protocol";
import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { getContractEvents } from "../reads.ts";
import type { ReadClient, SessionParams, Settlement } from "../types.ts";

/** A session as it was opened. */
export interface SessionOpening {
  readonly sessionId: Hex;
  readonly params: SessionParams;
  readonly openedInBlock: bigint;
}

/** A session, and how it ended if it has. */
export interface SessionRecord extends SessionOpening {
  readonly settlement: Settlement | null;
}

/**
 * All sessions of a provider, of a buyer, or between both, in order of opening.
 * @throws chain/rpc
 */
export async function listSessions(
  client: ReadClient,
  deployment: Deployment,
  { provider, buyer }: { provider?: Address; buyer?: Address },
): Promise<SessionRecord[]> {
  const filter = {
    address: deployment.escrow,
    abi: slaEscrowAbi,
    args: { ...(provider && { provider }), ...(buyer && { buyer }) },
    fromBlock: deployment.deploymentBlock,
    strict: true,
  } as const;
  const [opened, settled] = await Promise.all([
    getContractEvents(client, { ...filter, eventName: "SessionOpened" }),
    getContractEvents(client, { ...filter, eventName: "SessionSettled" }),
  ]);
  const settlements = new Map<Hex, Settlement>(settled.map(({ args }) => [args.sessionId, args]));
  return opened.map(({ args: { sessionId, params }, blockNumber }) => ({
    ...{ sessionId, params, openedInBlock: blockNumber },
    settlement: settlements.get(sessionId) ?? null,
  }));
}
