import { DemecError, type Hex, isDemecError, type SignedState } from "@demec/protocol";
import type { Deployment } from "../addresses.ts";
import { getBlock } from "../reads.ts";
import type { ReadClient, Settlement, WriteClient } from "../types.ts";
import { challengeClosing } from "./challengeClosing.ts";
import { closeSession } from "./closeSession.ts";
import { expireDemand } from "./expireDemand.ts";
import { finishClosing } from "./finishClosing.ts";
import { getDemand } from "./getDemand.ts";
import { getNewestState } from "./getNewestState.ts";
import { getSession } from "./getSession.ts";
import { getSettlement } from "./getSettlement.ts";
import { startClosing } from "./startClosing.ts";

/** Where a session's settlement stands after a step. */
export type SettlementProgress =
  | { readonly type: "open" }
  /** Can be finished from `deadline` on, unix time, unless a newer state turns up or a demand still waits. */
  | { readonly type: "closing"; readonly deadline: bigint }
  | { readonly type: "settled"; readonly settlement: Settlement };

export interface AdvanceSettlementParameters {
  readonly sessionId: Hex;
  /** Newest state with both signatures that this side holds. */
  readonly newest: SignedState | null;
  /** Whether to start closing a session that is open and has no final state. */
  readonly end: boolean;
}

/**
 * One step of what either side can do for a session by itself: bring a final state, start to close, answer an older
 * state by a newer one, or finish once the challenge period is over. Call it again until it says "settled".
 * A step that somebody else took first is no failure.
 */
export async function advanceSettlement(
  client: ReadClient,
  wallet: WriteClient,
  deployment: Deployment,
  { sessionId, newest, end }: AdvanceSettlementParameters,
): Promise<SettlementProgress> {
  const { params, status, seq, deadline } = await getSession(client, deployment, sessionId);
  try {
    if (status === "settled") return await settled(client, deployment, sessionId);
    if (newest?.state.isFinal) {
      return { type: "settled", settlement: await closeSession(wallet, deployment, { params, signed: newest }) };
    }
    if (status === "open") {
      if (!end) return { type: "open" };
      return {
        type: "closing",
        deadline: (await startClosing(wallet, deployment, { params, signed: newest })).deadline,
      };
    }
    const { timestamp } = await getBlock(client);
    if (timestamp < BigInt(deadline)) {
      if (newest === null || newest.state.seq <= seq) return { type: "closing", deadline: BigInt(deadline) };
      return {
        type: "closing",
        deadline: (await challengeClosing(wallet, deployment, { params, signed: newest })).deadline,
      };
    }
    const demand = await getDemand(client, deployment, sessionId);
    if (demand !== null) {
      // Only who demanded may want the other side slashed; everybody else waits until the demand has ended.
      const isDue = timestamp >= BigInt(demand.deadline);
      const isBuyer = wallet.account.address.toLowerCase() === params.buyer.toLowerCase();
      if (!isDue || !isBuyer) return { type: "closing", deadline: BigInt(demand.deadline) };
      await expireDemand(wallet, deployment, { params });
    }
    const state = await getNewestState(client, deployment, sessionId);
    return { type: "settled", settlement: await finishClosing(wallet, deployment, { params, state }) };
  } catch (error) {
    const now = isDemecError(error) ? await getSession(client, deployment, sessionId) : null;
    if (now?.status === "settled") return await settled(client, deployment, sessionId);
    if (now?.status === "closing" && status === "open") return { type: "closing", deadline: BigInt(now.deadline) };
    throw error;
  }
}

async function settled(client: ReadClient, deployment: Deployment, sessionId: Hex): Promise<SettlementProgress> {
  const settlement = await getSettlement(client, deployment, sessionId);
  if (settlement === null) {
    throw new DemecError(
      "chain/unknown-session",
      `The settlement of session ${sessionId} can't be found in the logs.`,
      {
        details: { sessionId },
      },
    );
  }
  return { type: "settled", settlement };
}
