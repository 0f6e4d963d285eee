import type { Hex } from "@demec/protocol";
import type { Core } from "./core.ts";
import type { Effect } from "./effects.ts";
import type { JournalRecord } from "./records.ts";
import { stateDigest } from "./states.ts";

/** Results, and breach faults, that one proposal covers at most: bounds the message. */
export const MAX_CALLS_PER_PROPOSAL = 16_384;

/** The provider's side of co-signing: when to propose a state over what is acknowledged, and what became of it. */
export class Checkpoints {
  readonly #core: Core;
  /** Calls that the buyer said it doesn't know, while a proposal is outstanding. */
  readonly #disowned = new Set<number>();
  #rejections = 0;
  #dueMs = 0;

  constructor(core: Core) {
    this.#core = core;
  }

  /** Lets the next proposal wait for company, or for nothing: due `inMs` from now. */
  schedule(nowMs: number, inMs: number): void {
    this.#dueMs = nowMs + inMs;
  }

  /** The buyer doesn't know a call that it acknowledged: it lost it in a crash. */
  disown(callId: number, out: Effect[]): void {
    const { ledger } = this.#core;
    this.#disowned.add(callId);
    if (ledger.proposal === null) this.#waiveDisowned(out);
  }

  /** Signs and sends the next state if one is due and none is outstanding. @param closing nothing more is to come */
  propose(nowMs: number, closing: boolean, out: Effect[]): void {
    const { ledger, policy, terms, attached } = this.#core;
    if (!attached || ledger.proposal !== null || ledger.halt !== null || ledger.final) return;
    const count = Math.max(ledger.uncovered.size, ledger.faults.size);
    const isFinal = closing && count <= MAX_CALLS_PER_PROPOSAL;
    const due =
      count > 0 &&
      (closing ||
        ledger.uncovered.size >= policy.checkpointCalls ||
        ledger.uncoveredCredits >= policy.checkpointCredits ||
        nowMs >= this.#dueMs);
    if (!isFinal && !due) return;
    const callIds = firstOf(ledger.uncovered.keys(), MAX_CALLS_PER_PROPOSAL);
    const faultIds = firstOf(ledger.faults, MAX_CALLS_PER_PROPOSAL);
    const state = ledger.draft(callIds, faultIds, ledger.signedSeq + 1n, isFinal);
    const operatorSig = this.#core.sign(stateDigest(terms, state));
    const record: JournalRecord = { type: "proposed", state, operatorSig, callIds, faultIds };
    ledger.apply(record);
    out.push({ type: "persist", record, alone: true });
    this.schedule(nowMs, policy.checkpointMs);
    this.resend(out);
  }

  /** Sends the outstanding proposal, if any, (again). */
  resend(out: Effect[]): void {
    const { proposal } = this.#core.ledger;
    if (proposal === null) return;
    const { state, operatorSig, callIds, faultIds } = proposal;
    this.#core.send({ type: "propose", state, operatorSig, callIds, faultIds }, out);
  }

  /** The outstanding proposal carries the buyer's valid signature. */
  accepted(sessionKeySig: Hex, out: Effect[]): void {
    const { ledger } = this.#core;
    this.#core.persist({ type: "accepted", seq: ledger.proposal!.state.seq, sessionKeySig }, out);
    this.#rejections = 0;
    this.#waiveDisowned(out);
    this.#core.tellCosigned(out);
  }

  /**
   * The buyer refused the outstanding proposal. What it doesn't know is waived and the rest proposed again under a new
   * number; refusals without such a reason are counted.
   * @returns whether it has refused too often
   */
  rejected(nowMs: number, out: Effect[]): boolean {
    const { ledger, policy } = this.#core;
    this.#core.note({ type: "withdrawn", seq: ledger.proposal!.state.seq }, out);
    if (this.#disowned.size === 0) {
      this.schedule(nowMs, policy.checkpointMs);
      return ++this.#rejections >= policy.maxRejections;
    }
    this.#waiveDisowned(out);
    this.schedule(nowMs, 0);
    return false;
  }

  #waiveDisowned(out: Effect[]): void {
    for (const callId of this.#disowned) {
      if (this.#core.ledger.uncovered.has(callId)) this.#core.note({ type: "waived", callId }, out);
    }
    this.#disowned.clear();
  }
}

function firstOf(ids: Iterable<number>, count: number): number[] {
  const first: number[] = [];
  for (const id of ids) {
    if (first.length === count) break;
    first.push(id);
  }
  return first;
}
