import type { Hex } from "@demec/protocol";
import { getAbiItem } from "viem";
import { slaEscrowAbi } from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import { getLogs } from "../reads.ts";
import type { ReadClient } from "../types.ts";
import type { SessionOpening } from "./listSessions.ts";

/** Something that happened to a session and that its parties may have to act on. */
export type SessionEvent =
  | ({ readonly type: "opened" } & SessionOpening)
  /** Closing was started, or answered by a newer state. */
  | { readonly type: "closing"; readonly sessionId: Hex }
  | { readonly type: "settled"; readonly sessionId: Hex };

const EVENTS = [
  getAbiItem({ abi: slaEscrowAbi, name: "SessionOpened" }),
  getAbiItem({ abi: slaEscrowAbi, name: "ClosingStarted" }),
  getAbiItem({ abi: slaEscrowAbi, name: "ClosingChallenged" }),
  getAbiItem({ abi: slaEscrowAbi, name: "SessionSettled" }),
] as const;

/** What happened to all sessions of the escrow in a range of blocks, in order: one request. @throws chain/rpc */
export async function listSessionEvents(
  client: ReadClient,
  deployment: Deployment,
  { fromBlock, toBlock }: { fromBlock: bigint; toBlock: bigint },
): Promise<SessionEvent[]> {
  const logs = await getLogs(client, {
    address: deployment.escrow,
    events: EVENTS,
    fromBlock,
    toBlock,
    strict: true,
  });
  return logs.map(({ eventName, args, blockNumber }): SessionEvent => {
    const { sessionId } = args;
    if (eventName === "SessionOpened")
      return { type: "opened", sessionId, params: args.params, openedInBlock: blockNumber };
    return { type: eventName === "SessionSettled" ? "settled" : "closing", sessionId };
  });
}
