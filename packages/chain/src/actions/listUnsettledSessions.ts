import type { Address, Hex } from "@demec/protocol";
import { getContractEvents } from "viem/actions";
import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { toDemecError } from "../errors.ts";
import type { ReadClient, SessionParams } from "../types.ts";

/** A session as it was opened. */
export interface SessionOpening {
  readonly sessionId: Hex;
  readonly params: SessionParams;
  readonly openedInBlock: bigint;
}

/**
 * Sessions of a provider, of a buyer, or between both, that are open or closing, in order of opening.
 * @throws chain/rpc
 */
export async function listUnsettledSessions(
  client: ReadClient,
  deployment: Deployment,
  { provider, buyer }: { provider?: Address; buyer?: Address },
): Promise<SessionOpening[]> {
  const filter = {
    address: deployment.escrow,
    abi: slaEscrowAbi,
    args: { ...(provider && { provider }), ...(buyer && { buyer }) },
    fromBlock: deployment.deploymentBlock,
    strict: true,
  } as const;
  try {
    const [opened, settled] = await Promise.all([
      getContractEvents(client, { ...filter, eventName: "SessionOpened" }),
      getContractEvents(client, { ...filter, eventName: "SessionSettled" }),
    ]);
    const over = new Set(settled.map(({ args }) => args.sessionId));
    return opened
      .filter(({ args }) => !over.has(args.sessionId))
      .map(({ args: { sessionId, params }, blockNumber }) => ({ sessionId, params, openedInBlock: blockNumber }));
  } catch (error) {
    throw toDemecError(error);
  }
}
