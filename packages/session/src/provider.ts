import {
  type Accept,
  type Ack,
  type AnnouncedInvoke,
  encodeReceipt,
  type Hex,
  type Invoke,
  isDemecError,
  type NewestStates,
  type Reject,
  type SessionMessage,
} from "@demec/protocol";
import { countedBytes, isSameRequest, receiptOf, resultOf } from "./callResult.ts";
import { Checkpoints } from "./checkpoints.ts";
import { Core, SessionEnd, type SessionOptions } from "./core.ts";
import type { Effect, ExecutionOutput, ExecutionResult } from "./effects.ts";
import { implausibleAck, implausibleOutcome } from "./plausibility.ts";
import { type Applicant, applicantAnnounced, applicantOf, FAULTED, ProviderAdmission } from "./providerAdmission.ts";
import { admittedCall, isLargeResult, type ProviderCall, ProviderCalls } from "./providerCalls.ts";
import { compareNewest, hasSigned, type Signer } from "./states.ts";
import { DEADLINE_GRACE_MS, moduleOf, promisedLatencyMs } from "./terms.ts";
import { assertCall, worstCaseCredits } from "./worstCase.ts";

export type ProviderSessionOptions = SessionOptions &
  ({ readonly operatorPrivateKey: Hex } | { readonly sign: Signer });

const LATE = ["session/deadline", "The call had not come within its deadline."] as const;
const CANCELLED = ["session/cancelled", "The buyer withdrew the call."] as const;

/**
 * The provider's end of one session: admits calls, keeps their receipts, and proposes states. Pure: inputs go in with
 * the time of one monotonic clock, effects come out. See docs/session.md for the state machine.
 */
export class ProviderSession extends SessionEnd {
  readonly #checkpoints: Checkpoints;
  readonly #calls = new ProviderCalls();
  readonly #admission: ProviderAdmission;
  #closing = false;

  /** @throws session/wrong-key, session/journal-corrupt, protocol/out-of-range */
  constructor(options: ProviderSessionOptions) {
    const key = "operatorPrivateKey" in options ? options.operatorPrivateKey : options.sign;
    super(new Core(options, options.terms.operator, key));
    this.#checkpoints = new Checkpoints(this.core);
    this.#admission = new ProviderAdmission(this.core, this.#calls);
  }

  override get exposure(): bigint {
    const { uncoveredCredits, writtenOff } = this.core.ledger;
    return this.#calls.occupied + uncoveredCredits + writtenOff;
  }
  override get inFlight(): number {
    return this.#calls.size;
  }
  /** Bytes of input and of results that are held for the buyer; at most twice `maxHeldBytes`. */
  get heldBytes(): number {
    return this.#calls.inputBytes + this.#calls.resultBytes;
  }
  /** Credits of work that was delivered and will never be charged. */
  get writtenOff(): bigint {
    return this.core.ledger.writtenOff;
  }

  /** Whether nothing runs, waits for its acknowledgement, or lacks the buyer's signature. */
  get quiet(): boolean {
    const { uncovered, faults, proposal, halt } = this.core.ledger;
    return (
      this.#calls.size === this.#calls.uploads.size &&
      (halt !== null || (uncovered.size + faults.size === 0 && proposal === null))
    );
  }

  /** Proposes a state over what is acknowledged at once, instead of waiting for more. */
  checkpoint(nowMs: number): Effect[] {
    const out: Effect[] = [];
    this.#checkpoints.schedule(nowMs, 0);
    this.#propose(nowMs, out);
    return out;
  }

  /** A connection on which the buyer proved its session key, and the states it showed. */
  attach(theirs: NewestStates, nowMs: number): Effect[] {
    const out: Effect[] = [];
    const { ledger } = this.core;
    this.core.attached = true;
    this.#checkpoints.schedule(nowMs, this.policy.checkpointMs);
    for (const [, call] of this.#calls) call.answeredMs = nowMs;
    const role = { proposal: ledger.proposal?.state, halfCounts: false };
    const seen = compareNewest(this.terms, ledger.full, theirs, role);
    const halt = this.core.adopt(seen, out);
    if (halt !== null) this.#halt(halt.code, halt.message, out);
    if (seen.type === "accepted") this.#checkpoints.accepted(seen.sessionKeySig, out);
    if (ledger.halt === null) this.#checkpoints.resend(out);
    return out;
  }

  /**
   * A call is to come in fragments. It is admitted, or refused in a fault, as if it had come; its deadline runs.
   * @returns whether the message may come
   */
  announce(call: AnnouncedInvoke, nowMs: number): { readonly mayCome: boolean; readonly effects: Effect[] } {
    const effects: Effect[] = [];
    const { callId, deadlineMs } = call;
    if (!this.core.attached || this.#calls.uploads.has(callId)) return { mayCome: false, effects };
    const known = this.#calls.get(callId);
    if (known !== undefined) {
      // It runs, or its result is held: the message needn't come again.
      if (known.result !== null) this.core.send(known.result, effects);
      return { mayCome: false, effects };
    }
    const applicant = applicantAnnounced(call);
    const credits = this.#admit(applicant, this.#closing, nowMs, effects);
    if (credits === null) return { mayCome: false, effects };
    this.#calls.uploads.add(callId, { credits, heldBytes: applicant.heldBytes, announcedMs: nowMs, deadlineMs });
    return { mayCome: true, effects };
  }

  /** Some of a streamed call's output goes to the buyer, who from then on can't withdraw the call without a trace. */
  delivered(callId: number): void {
    this.#calls.delivered(callId);
  }

  /** Also forgets calls that were on their way, and ends streamed ones that run: what they have written is lost. */
  override detach(): Effect[] {
    const out = super.detach();
    this.#calls.uploads.takeAll();
    for (const [callId, call] of this.#calls) {
      if (!call.streamed || call.result !== null) continue;
      out.push({ type: "cancelExecution", callId });
      if (call.delivered) this.#writeOff(callId, call, out);
      else this.#calls.drop(callId, call);
    }
    return out;
  }

  receive(message: SessionMessage, nowMs: number): Effect[] {
    const out: Effect[] = [];
    if (!this.core.attached) return out;
    switch (message.type) {
      case "invoke":
        this.#onInvoke(message, nowMs, out);
        break;
      case "cancel":
        this.#onCancel(message.callId, nowMs, out);
        break;
      case "ack":
        this.#onAck(message, nowMs, out);
        break;
      case "accept":
        this.#onAccept(message, out);
        break;
      case "reject":
        this.#onReject(message, nowMs, out);
        break;
      case "closeRequest":
        this.#closing = true;
        break;
      default:
        this.#halt("session/out-of-order", `The buyer sent a provider's message, ${message.type}.`, out);
    }
    this.#propose(nowMs, out);
    return out;
  }

  /** All that an `execute` effect needs by content is here: its deadline runs from now. */
  fetched(callId: number, nowMs: number): void {
    const call = this.#calls.get(callId);
    if (call !== undefined) call.dueMs = nowMs + call.deadlineMs + DEADLINE_GRACE_MS;
  }

  /** How an `execute` effect ended. Of no effect for a call that was cancelled meanwhile. */
  executed(callId: number, result: ExecutionResult, nowMs: number): Effect[] {
    const out: Effect[] = [];
    const call = this.#calls.get(callId);
    if (call === undefined || call.result !== null) return out;
    if ("fault" in result) {
      this.#endInFault(callId, call, result.fault.code, result.fault.message, result.fault.breach, nowMs, out);
    } else {
      const { outcome, streamed } = result;
      const reason = implausibleOutcome(call, outcome, streamed);
      if (reason === null) this.#answer(callId, call, result, nowMs, out);
      else
        this.#endInFault(callId, call, "session/executor-misreport", `The executor says ${reason}.`, true, nowMs, out);
    }
    this.#propose(nowMs, out);
    return out;
  }

  /** Drives time: checkpoints, calls that outlived their deadline, results never acknowledged. Some ten times a second. */
  tick(nowMs: number): Effect[] {
    const out: Effect[] = [];
    for (const callId of this.#calls.uploads.takeExpired(nowMs)) this.#sendFault(callId, ...LATE, false, out);
    for (const [callId, call] of this.#calls) {
      if (call.result === null) {
        if (nowMs <= call.dueMs) continue;
        out.push({ type: "cancelExecution", callId });
        this.#endInFault(callId, call, "session/deadline", `No end within ${call.deadlineMs} ms.`, true, nowMs, out);
        continue;
      }
      // An output that is to be fetched is acknowledged when it has been.
      const fetchMs = call.result.outputContent === undefined ? 0 : call.deadlineMs;
      const patienceMs = this.policy.ackTimeoutMs + fetchMs;
      if (this.core.attached && nowMs > call.answeredMs + patienceMs) this.#writeOff(callId, call, out);
    }
    this.#propose(nowMs, out);
    return out;
  }

  #onInvoke(message: Invoke, nowMs: number, out: Effect[]): void {
    const { callId, request } = message;
    const upload = this.#calls.uploads.take(callId);
    const streamed = message.streamed ?? false;
    try {
      assertCall(this.terms, request, message.deadlineMs);
    } catch (error) {
      this.#sendFault(callId, "session/bad-request", isDemecError(error) ? error.message : String(error), false, out);
      return;
    }
    const known = this.#calls.get(callId);
    if (known !== undefined) {
      if (known.streamed !== streamed || !isSameRequest(this.terms, known.request, request))
        this.#sendFault(callId, "session/call-id-reused", `Call ${callId} is another one.`, false, out);
      else if (known.result !== null) this.core.send(known.result, out);
      return;
    }
    // Its deadline covers the time that it took to come.
    const deadlineMs = message.deadlineMs - (upload === undefined ? 0 : Math.floor(nowMs - upload.announcedMs));
    if (upload !== undefined && deadlineMs <= 0) {
      this.#sendFault(callId, ...LATE, false, out);
      return;
    }
    // What was announced was admitted then, though the session may be closing since.
    const isClosing = this.#closing && upload === undefined;
    const applicant = applicantOf(callId, request, deadlineMs);
    const credits = this.#admit(applicant, isClosing, nowMs, out);
    if (credits === null) return;
    const repeat = this.core.ledger.hasReceipt(callId);
    this.#calls.add(callId, admittedCall(applicant, { request, streamed, credits, repeat }, nowMs));
    out.push({ type: "execute", callId, request, deadlineMs, streamed });
  }

  /** Takes a call at its worst case, or refuses it in a fault. */
  #admit(call: Applicant, isClosing: boolean, nowMs: number, out: Effect[]): bigint | null {
    const verdict = this.#admission.judge(call, isClosing);
    if (verdict.credits !== null) return verdict.credits;
    // A signature would free what is acknowledged: ask for it now.
    if (verdict.code === "session/exposure-exceeded") this.#checkpoints.schedule(nowMs, 0);
    this.#sendFault(call.callId, verdict.code, verdict.message, verdict.breach, out);
    return null;
  }

  #answer(callId: number, call: ProviderCall, ended: ExecutionOutput, nowMs: number, out: Effect[]): void {
    const result = resultOf(callId, ended, call.deadlineMs);
    const bytes = countedBytes(call.request, call.inputLength, result);
    const usage = { ...result, bytes };
    const credits = worstCaseCredits(this.terms, call.request, call.inputLength, call.deadlineMs, usage);
    this.#calls.answer(call, result, credits, nowMs);
    this.core.send(result, out);
    if (call.repeat) this.#writeOff(callId, call, out);
    this.#dropOldResults(callId, out);
  }

  /** The buyer takes too few of its results: the oldest are written off. What it asks for again runs again, and is charged once. */
  #dropOldResults(newest: number, out: Effect[]): void {
    for (const [callId, call] of this.#calls.oldResults(this.policy.maxHeldBytes, newest)) {
      this.#writeOff(callId, call, out);
      this.#sendFault(callId, "session/result-dropped", "Too many results wait to be taken.", false, out);
    }
  }

  #onAck(ack: Ack, nowMs: number, out: Effect[]): void {
    const { callId } = ack;
    const call = this.#calls.get(callId);
    const { ledger } = this.core;
    if (ledger.hasReceipt(callId) || ledger.halt !== null) return;
    if (call === undefined) {
      this.#sendFault(
        callId,
        "session/unknown-call",
        `Nothing is known of call ${callId}; it costs nothing.`,
        false,
        out,
      );
      return;
    }
    const { result } = call;
    if (result === null) {
      this.#halt("session/out-of-order", `The buyer acknowledged call ${callId} before its result.`, out);
      return;
    }
    const receipt = receiptOf(moduleOf(this.terms, call.request), call, result, ack);
    const reason = implausibleAck(this.terms, this.policy, call.request, ack, nowMs - call.arrivedMs, call.deadlineMs);
    if (reason !== null) {
      this.#halt("session/implausible-latency", `Acknowledging call ${callId}, ${reason}.`, out);
      return;
    }
    const encoded = encodeReceipt(receipt);
    this.#startClock(nowMs);
    this.#calls.drop(callId, call);
    ledger.addReceipt(callId, encoded, receipt);
    out.push({ type: "note", record: { type: "receipt", callId, receipt: encoded } });
  }

  #onCancel(callId: number, nowMs: number, out: Effect[]): void {
    const { ledger } = this.core;
    const call = this.#calls.get(callId);
    if (call !== undefined && call.result === null) {
      const maxLatencyMs = promisedLatencyMs(this.terms, call.request);
      const breach = maxLatencyMs > 0 && nowMs - call.arrivedMs > maxLatencyMs;
      out.push({ type: "cancelExecution", callId });
      this.#endInFault(callId, call, ...CANCELLED, breach, nowMs, out);
      if (call.delivered) this.core.note({ type: "writtenOff", credits: call.credits }, out);
    } else if (this.#calls.uploads.take(callId) !== undefined) {
      this.#sendFault(callId, ...CANCELLED, false, out);
    } else if (call?.result && isLargeResult(call.result)) {
      // It is on its way, and who cancels takes no more of it: there will be no acknowledgement.
      this.#writeOff(callId, call, out);
      this.#sendFault(callId, ...CANCELLED, false, out);
    } else if (call?.result) {
      // It crossed the result, whose acknowledgement follows; or the result was lost with a connection.
      this.core.send(call.result, out);
    } else if (ledger.uncovered.has(callId)) {
      this.#checkpoints.disown(callId, out);
    } else if (ledger.hasFault(callId)) {
      this.#sendFault(callId, "session/faulted", FAULTED, true, out);
    } else if (!ledger.hasReceipt(callId)) {
      this.#sendFault(callId, "session/unknown-call", `Nothing is known of call ${callId}.`, false, out);
    }
  }

  #onAccept({ seq, sessionKeySig }: Accept, out: Effect[]): void {
    const { proposal } = this.core.ledger;
    if (proposal === null || seq !== proposal.state.seq) return;
    if (hasSigned(this.terms, this.terms.sessionKey, proposal.state, sessionKeySig)) {
      this.#checkpoints.accepted(sessionKeySig, out);
    } else {
      this.#halt("session/foreign-key", `State ${seq} isn't signed by the session key.`, out);
    }
  }

  #onReject({ seq, code, message }: Reject, nowMs: number, out: Effect[]): void {
    if (seq !== this.core.ledger.proposal?.state.seq || !this.#checkpoints.rejected(nowMs, out)) return;
    this.#halt("session/refused-to-sign", `The buyer refuses to sign: ${message} [${code}]`, out);
  }

  #propose(nowMs: number, out: Effect[]): void {
    this.#checkpoints.propose(nowMs, this.#closing && this.inFlight === 0, out);
  }

  /** The first result or breach since the last proposal waits for `checkpointMs` at most. */
  #startClock(nowMs: number): void {
    const { uncovered, faults } = this.core.ledger;
    if (uncovered.size + faults.size === 0) this.#checkpoints.schedule(nowMs, this.policy.checkpointMs);
  }

  #endInFault(
    callId: number,
    call: ProviderCall,
    code: string,
    message: string,
    breach: boolean,
    nowMs: number,
    out: Effect[],
  ): void {
    this.#calls.drop(callId, call);
    if (breach && !call.repeat) {
      this.#startClock(nowMs);
      this.core.note({ type: "fault", callId }, out);
    }
    this.#sendFault(callId, code, message, breach, out);
  }

  #writeOff(callId: number, call: ProviderCall, out: Effect[]): void {
    this.#calls.drop(callId, call);
    this.core.note({ type: "writtenOff", credits: call.credits }, out);
  }

  /** Ends the session at its newest state; once. */
  #halt(code: string, message: string, out: Effect[]): void {
    if (this.core.ledger.halt !== null) return;
    for (const callId of this.#calls.uploads.takeAll()) this.#sendFault(callId, "session/halted", message, false, out);
    for (const [callId, call] of this.#calls) {
      this.#calls.drop(callId, call);
      if (call.result !== null) continue;
      out.push({ type: "cancelExecution", callId });
      this.#sendFault(callId, "session/halted", message, false, out);
    }
    this.core.halt(code, message, out);
  }

  #sendFault(callId: number, code: string, message: string, breach: boolean, out: Effect[]): void {
    this.core.send({ type: "fault", callId, code, message, breach }, out);
  }
}
