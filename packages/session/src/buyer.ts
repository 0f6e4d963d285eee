import {
  type Ack,
  DemecError,
  decodeReceipt,
  type ErrorCode,
  type ExecutionRequest,
  encodeReceipt,
  type Fault,
  type Hex,
  inputBytes,
  type NewestStates,
  type Propose,
  type Receipt,
  type Result,
  type SessionMessage,
  type SessionState,
  UINT32_MAX,
} from "@demec/protocol";
import { type BuyerCall, BuyerCalls, invokeOf } from "./buyerCalls.ts";
import { receiptOf } from "./callResult.ts";
import { Core, SessionEnd, type SessionOptions } from "./core.ts";
import type { CallOutcome, Effect } from "./effects.ts";
import { implausibleDuration, implausibleOutcome } from "./plausibility.ts";
import { compareNewest, hasSigned, type Signer, sameState, stateDigest } from "./states.ts";
import { DEADLINE_GRACE_MS, moduleOf, promisedLatencyMs } from "./terms.ts";
import { assertCall, assertStreamable, heldBytes, longestLatencyMs, refusalOf, WorstCase } from "./worstCase.ts";

/** Call ids reserved at a time: a crash wastes so many at most, and so many calls share one write. */
export const CALL_ID_BLOCK = 65_536;

export type BuyerSessionOptions = SessionOptions & ({ readonly sessionPrivateKey: Hex } | { readonly sign: Signer });

/**
 * The buyer's end of one session: sends calls, acknowledges results, and co-signs states that it recomputed itself.
 * Pure: inputs go in with the time of one monotonic clock, effects come out. See docs/session.md for the state machine.
 */
export class BuyerSession extends SessionEnd {
  readonly #calls = new BuyerCalls();
  /** Breaches by the number of the newest state when they were told: the state after the next must cover them. */
  readonly #breachSeq = new Map<number, bigint>();
  readonly #worstCase: WorstCase;
  #nextCallId: number;
  #pingMs = 0;

  /** @throws session/wrong-key, session/journal-corrupt, protocol/out-of-range */
  constructor(options: BuyerSessionOptions) {
    const key = "sessionPrivateKey" in options ? options.sessionPrivateKey : options.sign;
    super(new Core(options, options.terms.sessionKey, key));
    this.#worstCase = new WorstCase(options.terms);
    this.#nextCallId = this.core.ledger.reservedBelow;
  }

  override get exposure(): bigint {
    return this.#calls.occupied + this.core.ledger.uncoveredCredits;
  }
  override get inFlight(): number {
    return this.#calls.size;
  }

  /** Round trip of the latest heartbeat, for the acknowledgements that follow; milliseconds. */
  observePing(pingMs: number): void {
    this.#pingMs = Math.min(UINT32_MAX, Math.max(0, Math.ceil(pingMs)));
  }

  /**
   * Starts a call. While detached it waits for the next attachment; the deadline runs meanwhile.
   * @param request kept until it is answered: its arrays must not change before
   * @param deadlineMs wall-clock backstop, 1 … 2³² − 1
   * @param streamed the output of the command is wanted while it runs; such a call ends with its connection
   * @throws session/insufficient-credits, session/call-too-large, session/halted, session/closing, session/wrong-module,
   *   protocol/out-of-range, protocol/bad-files; retryable: session/exposure-exceeded, session/too-many-in-flight, session/too-many-bytes
   */
  invoke(
    request: ExecutionRequest,
    deadlineMs: number,
    nowMs: number,
    streamed = false,
  ): { callId: number; effects: Effect[] } {
    const { ledger } = this.core;
    if (ledger.halt !== null) throw new DemecError("session/halted", `The session halted: ${ledger.halt.message}`);
    if (ledger.closing || ledger.final) throw new DemecError("session/closing", "The session is closing or closed.");
    assertCall(this.terms, request, deadlineMs);
    if (streamed) assertStreamable(request);
    const inputLength = inputBytes(request);
    const held = heldBytes(request, inputLength);
    const credits = this.#worstCase.credits(request, inputLength, deadlineMs);
    const load = {
      creditsUsed: ledger.creditsUsed,
      chargeable: this.exposure,
      writtenOff: 0n,
      inFlight: this.inFlight,
      heldBytes: this.#calls.inputBytes,
    };
    const refusal = refusalOf(this.terms, this.policy, load, credits, held);
    if (refusal !== null) throw new DemecError(refusal.code, refusal.message, { details: { credits, ...load } });
    const effects: Effect[] = [];
    const callId = this.#nextCallId++;
    if (callId >= ledger.reservedBelow) this.core.persist({ type: "reserved", below: callId + CALL_ID_BLOCK }, effects);
    const call: BuyerCall = {
      request,
      inputLength,
      heldBytes: held,
      invokedMs: nowMs,
      deadlineMs,
      credits,
      streamed,
      resolved: false,
      abandoned: false,
      sentMs: nowMs,
      sentDeadlineMs: deadlineMs,
    };
    this.#calls.add(callId, call);
    this.core.send(invokeOf(callId, call, deadlineMs), effects);
    return { callId, effects };
  }

  /** A call whose result would count, and until when it is waited for; monotonic milliseconds. */
  awaited(callId: number): { readonly request: ExecutionRequest; readonly untilMs: number } | undefined {
    const call = this.#calls.get(callId);
    if (call === undefined || call.abandoned) return undefined;
    return { request: call.request, untilMs: call.invokedMs + call.deadlineMs };
  }

  /** The caller wants no answer any more. It is charged all the same if the provider had finished. */
  cancel(callId: number): Effect[] {
    const out: Effect[] = [];
    const call = this.#calls.get(callId);
    if (call !== undefined && !call.resolved)
      this.#giveUp(callId, call, "session/cancelled", "The caller withdrew.", out);
    return out;
  }

  /**
   * The provider fell silent, or its output can't be had, and the call goes to another one: nothing more is heard of it here. A result that comes all
   * the same is not acknowledged, so that no call is charged twice; the provider writes it off.
   */
  abandon(callId: number): Effect[] {
    const out: Effect[] = [];
    const call = this.#calls.get(callId);
    if (call === undefined || call.abandoned) return out;
    call.resolved = true;
    call.abandoned = true;
    this.core.send({ type: "cancel", callId }, out);
    return out;
  }

  /** A call that went in fragments has come: its latency counts from now. */
  uploaded(callId: number, nowMs: number): void {
    this.#calls.uploaded(callId, nowMs);
  }

  /** Whether a result that comes in fragments is wanted. @param messageBytes of its frame */
  expects(callId: number, messageBytes: number): boolean {
    return this.#calls.expect(callId, messageBytes);
  }

  /** Also ends streamed calls, in session/stream-broken: what was written meanwhile is lost, and nothing is charged. */
  override detach(): Effect[] {
    const out = super.detach();
    for (const [callId, call] of this.#calls) {
      if (!call.streamed || call.resolved) continue;
      call.resolved = true;
      call.abandoned = true;
      const message = "The connection was lost while the output came.";
      this.#resolve(callId, { type: "fault", code: "session/stream-broken", message, breach: false }, out);
    }
    return out;
  }

  /** Asks for the final state: no further calls; those in flight are finished and charged. */
  requestClose(_nowMs: number): Effect[] {
    const out: Effect[] = [];
    const { ledger } = this.core;
    if (ledger.closing || ledger.final || ledger.halt !== null) return out;
    this.core.persist({ type: "closing" }, out);
    this.core.send({ type: "closeRequest" }, out);
    return out;
  }

  /** The provider accepted the attachment and showed its states. */
  attach(theirs: NewestStates, nowMs: number): Effect[] {
    const out: Effect[] = [];
    const { ledger } = this.core;
    this.core.attached = true;
    const halt = this.core.adopt(compareNewest(this.terms, ledger.full, theirs, { halfCounts: true }), out);
    if (halt !== null) this.#halt(halt.code, halt.message, out);
    // A provider that crashed may have lost breaches that it told of: it can't be held to them.
    this.#breachSeq.clear();
    if (ledger.halt !== null) return out;
    for (const [callId, { receipt }] of ledger.uncovered) this.#sendAck(callId, decodeReceipt(receipt), out);
    for (const [callId, call] of this.#calls) {
      const leftMs = Math.ceil(call.invokedMs + call.deadlineMs - nowMs);
      if (call.resolved || leftMs <= 0) {
        this.core.send({ type: "cancel", callId }, out);
      } else {
        call.sentMs = nowMs;
        call.sentDeadlineMs = leftMs;
        this.core.send(invokeOf(callId, call, leftMs), out);
      }
    }
    if (ledger.closing && !ledger.final) this.core.send({ type: "closeRequest" }, out);
    return out;
  }

  /** A message; an output by content is to be fetched before its result is brought here. */
  receive(message: SessionMessage, nowMs: number): Effect[] {
    const out: Effect[] = [];
    if (!this.core.attached) return out;
    switch (message.type) {
      case "result":
        this.#onResult(message, nowMs, out);
        break;
      case "fault":
        this.#onFault(message, out);
        break;
      case "propose":
        this.#onPropose(message, out);
        break;
      default:
        this.#halt("session/out-of-order", `The provider sent a buyer's message, ${message.type}.`, out);
    }
    return out;
  }

  /** Drives deadlines: a call without an answer by deadline and grace is answered here. Some ten times a second. */
  tick(nowMs: number): Effect[] {
    const out: Effect[] = [];
    for (const [callId, call] of this.#calls) {
      if (call.resolved || nowMs <= call.invokedMs + call.deadlineMs + DEADLINE_GRACE_MS) continue;
      this.#giveUp(callId, call, "session/deadline", `No answer within ${call.deadlineMs} ms.`, out);
    }
    return out;
  }

  #onResult(result: Result, nowMs: number, out: Effect[]): void {
    const { callId } = result;
    const call = this.#calls.get(callId);
    if (call === undefined) {
      const known = this.core.ledger.uncovered.get(callId);
      if (known !== undefined) this.#sendAck(callId, decodeReceipt(known.receipt), out);
      return;
    }
    if (call.abandoned) {
      this.#calls.drop(callId, call);
      return;
    }
    const reason =
      implausibleOutcome(call, result, result.streamed) ??
      implausibleDuration(result.durationMs, nowMs - call.invokedMs, call.deadlineMs);
    if (reason !== null) {
      this.#halt("session/implausible-usage", `Answering call ${callId}, ${reason}.`, out);
      return;
    }
    if (result.outputContent !== undefined) {
      this.#halt("session/implausible-usage", `Call ${callId} was answered by content unasked.`, out);
      return;
    }
    const { tariff } = this.terms;
    const maxLatencyMs = promisedLatencyMs(this.terms, call.request);
    const longestMs = longestLatencyMs(this.terms, call.sentDeadlineMs);
    const clamp = (ms: number, coefficient: bigint) => Math.min(ms, coefficient > 0n ? longestMs : UINT32_MAX);
    const isMeasured = call.request.byContent === undefined;
    const latencyMs = isMeasured ? clamp(Math.max(0, Math.ceil(nowMs - call.sentMs)), tariff.e) : 0;
    const breached = maxLatencyMs > 0 && latencyMs > maxLatencyMs;
    const ack = { latencyMs, pingMs: clamp(this.#pingMs, tariff.f), breached };
    const receipt = receiptOf(moduleOf(this.terms, call.request), call, result, ack);
    const encoded = encodeReceipt(receipt);
    this.#calls.drop(callId, call);
    const credits = this.core.ledger.addReceipt(callId, encoded, receipt);
    const { status, exitCode, output, stderr, bitOps, floatOps, streamed } = result;
    const outcome = { status, exitCode, output, stderr, bitOps, floatOps };
    if (!call.resolved) this.#resolve(callId, { type: "result", outcome, receipt, credits, streamed }, out);
    out.push({ type: "note", record: { type: "receipt", callId, receipt: encoded } });
    this.#sendAck(callId, receipt, out);
  }

  #onFault(fault: Fault, out: Effect[]): void {
    const { callId, code, message, breach } = fault;
    const { ledger } = this.core;
    const call = this.#calls.get(callId);
    if (call !== undefined) {
      this.#calls.drop(callId, call);
      if (!call.resolved) this.#resolve(callId, { type: "fault", code, message, breach }, out);
    } else if (ledger.uncovered.has(callId)) {
      // The provider lost what we acknowledged, and says so: it is never charged.
      this.core.note({ type: "waived", callId }, out);
      return;
    }
    if (!breach || !this.#mayBreach(callId) || this.#breachSeq.has(callId)) return;
    this.#breachSeq.set(callId, ledger.full?.state.seq ?? 0n);
  }

  #onPropose(propose: Propose, out: Effect[]): void {
    const { state, operatorSig, callIds, faultIds } = propose;
    const { full } = this.core.ledger;
    if (full !== null && sameState(state, full.state)) {
      // Our acceptance was lost on its way.
      this.core.send({ type: "accept", seq: state.seq, sessionKeySig: full.sessionKeySig! }, out);
      return;
    }
    const refusal = this.#judge(propose, out);
    if (refusal !== null) {
      this.core.send({ type: "reject", seq: state.seq, code: refusal.code, message: refusal.message }, out);
      if (refusal.fatal) this.#halt(refusal.code, refusal.message, out);
      return;
    }
    const sessionKeySig = this.core.sign(stateDigest(this.terms, state));
    this.core.persist({ type: "cosigned", signed: { state, operatorSig, sessionKeySig }, callIds, faultIds }, out);
    for (const callId of faultIds) this.#breachSeq.delete(callId);
    this.core.send({ type: "accept", seq: state.seq, sessionKeySig }, out);
    this.core.tellCosigned(out);
  }

  /** Why a proposal is not signed, or null. Fatal is what no honest provider proposes. */
  #judge({ state, operatorSig, callIds, faultIds }: Propose, out: Effect[]): ProposalRefusal | null {
    const { ledger } = this.core;
    if (ledger.halt !== null) return { code: "session/halted", message: ledger.halt.message };
    if (ledger.final) return { code: "session/closing", message: "The final state is signed." };
    if (state.seq <= ledger.signedSeq) {
      return { code: "session/replayed-state", message: `State ${state.seq} isn't above ${ledger.signedSeq}.` };
    }
    if (state.isFinal && !ledger.closing) {
      return { code: "session/not-closing", message: "Nobody asked for a final state." };
    }
    if (new Set([...callIds, ...faultIds]).size < callIds.length + faultIds.length) {
      return { code: "session/state-mismatch", message: `State ${state.seq} covers a call twice.`, fatal: true };
    }
    if (this.#disownUnknown(callIds, faultIds, out)) {
      return { code: "session/unknown-calls", message: "Some calls of the state are unknown here, or covered before." };
    }
    const covered = new Set(faultIds);
    for (const [callId, seq] of this.#breachSeq) {
      if (seq < (ledger.full?.state.seq ?? 0n) && !covered.has(callId)) {
        return { code: "session/missing-breach", message: `The breach of call ${callId} is missing.` };
      }
    }
    const ours = ledger.draft(callIds, faultIds, state.seq, state.isFinal);
    if (!sameState(ours, state)) {
      const message = `The provider says ${describe(state)}; the buyer says ${describe(ours)}.`;
      return { code: "session/state-mismatch", message, fatal: true };
    }
    if (!hasSigned(this.terms, this.terms.operator, state, operatorSig)) {
      return { code: "session/foreign-key", message: `State ${state.seq} isn't signed by the operator.`, fatal: true };
    }
    return null;
  }

  /** Tells the provider which calls of its proposal this side doesn't know, or knows to be covered. */
  #disownUnknown(callIds: readonly number[], faultIds: readonly number[], out: Effect[]): boolean {
    const unknown = callIds.filter((callId) => !this.core.ledger.uncovered.has(callId));
    unknown.push(...faultIds.filter((callId) => this.#calls.get(callId) !== undefined || !this.#mayBreach(callId)));
    for (const callId of unknown) this.core.send({ type: "cancel", callId }, out);
    return unknown.length > 0;
  }

  /** Whether the provider may own up to a breach in this call: that only costs itself, so one lost here is believed. */
  #mayBreach(callId: number): boolean {
    const { ledger } = this.core;
    return callId < this.#nextCallId && !ledger.hasReceipt(callId) && !ledger.isFaultCovered(callId);
  }

  #giveUp(callId: number, call: BuyerCall, code: ErrorCode, message: string, out: Effect[]): void {
    call.resolved = true;
    this.#resolve(callId, { type: "fault", code, message, breach: false }, out);
    this.core.send({ type: "cancel", callId }, out);
  }

  /** Ends the session at its newest state; once. */
  #halt(code: string, message: string, out: Effect[]): void {
    if (this.core.ledger.halt !== null) return;
    for (const [callId, call] of this.#calls) {
      this.#calls.drop(callId, call);
      if (!call.resolved) this.#giveUp(callId, call, "session/halted", message, out);
    }
    this.core.halt(code, message, out);
  }

  #sendAck(callId: number, { usage, breached }: Receipt, out: Effect[]): void {
    const ack: Ack = { type: "ack", callId, latencyMs: usage.latencyMs, pingMs: usage.pingMs, breached };
    this.core.send(ack, out);
  }

  #resolve(callId: number, outcome: CallOutcome, out: Effect[]): void {
    out.push({ type: "resolve", callId, outcome });
  }
}

interface ProposalRefusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly fatal?: true;
}

function describe(state: SessionState): string {
  const { seq, creditsUsed, invocations, breaches, receiptsRoot } = state;
  return `state ${seq}: ${creditsUsed} credits, ${invocations} invocations, ${breaches} breaches, root ${receiptsRoot}`;
}
