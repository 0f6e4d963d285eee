import {
  type Accept,
  type Ack,
  type ExecutionRequest,
  encodeReceipt,
  executionHash,
  type Hex,
  type Invoke,
  inputBytes,
  isDemecError,
  type NewestStates,
  outputHash,
  type Receipt,
  type Reject,
  type Result,
  type SessionMessage,
} from "@demec/protocol";
import { Checkpoints } from "./checkpoints.ts";
import { Core, SessionEnd, type SessionOptions } from "./core.ts";
import type { Effect, ExecutionResult } from "./effects.ts";
import { equalBytes } from "./hex.ts";
import { IdMap } from "./idMap.ts";
import { implausibleAck, implausibleOutcome } from "./plausibility.ts";
import { compareNewest, hasSigned, type Signer } from "./states.ts";
import { DEADLINE_GRACE_MS, moduleOf, promisedLatencyMs } from "./terms.ts";
import { assertCall, refusalOf, WorstCase, worstCaseCredits } from "./worstCase.ts";

export type ProviderSessionOptions = SessionOptions &
  ({ readonly operatorPrivateKey: Hex } | { readonly sign: Signer });

const FAULTED = "The call ended in a fault.";

interface ProviderCall {
  readonly request: ExecutionRequest;
  readonly inputLength: bigint;
  readonly deadlineMs: number;
  readonly arrivedMs: number;
  /** When it is given up; of what travels by content not before it has come. */
  dueMs: number;
  /** Acknowledged before: it runs again for a buyer who lost the answer, and is charged to nobody. */
  readonly repeat: boolean;
  /** What it occupies of the exposure. */
  credits: bigint;
  result: Result | null;
  /** Since when the result waits for its acknowledgement on this connection. */
  answeredMs: number;
}

/**
 * The provider's end of one session: admits calls, keeps their receipts, and proposes states. Pure: inputs go in with
 * the time of one monotonic clock, effects come out. See docs/session.md for the state machine.
 */
export class ProviderSession extends SessionEnd {
  readonly #checkpoints: Checkpoints;
  readonly #calls = new IdMap<ProviderCall>();
  readonly #worstCase: WorstCase;
  #occupied = 0n;
  #closing = false;

  /** @throws session/wrong-key, session/journal-corrupt, protocol/out-of-range */
  constructor(options: ProviderSessionOptions) {
    const key = "operatorPrivateKey" in options ? options.operatorPrivateKey : options.sign;
    super(new Core(options, options.terms.operator, key));
    this.#checkpoints = new Checkpoints(this.core);
    this.#worstCase = new WorstCase(options.terms);
  }

  override get exposure(): bigint {
    return this.#occupied + this.core.ledger.uncoveredCredits + this.core.ledger.writtenOff;
  }
  override get inFlight(): number {
    return this.#calls.size;
  }
  /** Credits of work that was delivered and will never be charged. */
  get writtenOff(): bigint {
    return this.core.ledger.writtenOff;
  }

  /** Whether nothing runs, waits for its acknowledgement, or lacks the buyer's signature. */
  get quiet(): boolean {
    const { uncovered, faults, proposal, halt } = this.core.ledger;
    return this.#calls.size === 0 && (halt !== null || (uncovered.size + faults.size === 0 && proposal === null));
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
    for (const [, call] of this.#calls.entries()) call.answeredMs = nowMs;
    const role = { proposal: ledger.proposal?.state, halfCounts: false };
    const seen = compareNewest(this.terms, ledger.full, theirs, role);
    const halt = this.core.adopt(seen, out);
    if (halt !== null) this.#halt(halt.code, halt.message, out);
    if (seen.type === "accepted") this.#checkpoints.accepted(seen.sessionKeySig, out);
    if (ledger.halt === null) this.#checkpoints.resend(out);
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
      const reason = implausibleOutcome(call.request, result.outcome);
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
    for (const [callId, call] of this.#calls.entries()) {
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
    const { callId, request, deadlineMs } = message;
    const { ledger } = this.core;
    const refuse = (code: string, text: string) => this.#sendFault(callId, code, text, false, out);
    try {
      assertCall(this.terms, request, deadlineMs);
    } catch (error) {
      refuse("session/bad-request", isDemecError(error) ? error.message : String(error));
      return;
    }
    const known = this.#calls.get(callId);
    if (known !== undefined) {
      if (!this.#sameRequest(known.request, request))
        refuse("session/call-id-reused", `Call ${callId} is another one.`);
      else if (known.result !== null) this.core.send(known.result, out);
      return;
    }
    if (ledger.halt !== null) {
      refuse("session/halted", ledger.halt.message);
      return;
    }
    if (ledger.hasFault(callId)) {
      this.#sendFault(callId, "session/faulted", FAULTED, true, out);
      return;
    }
    if (this.#closing || ledger.final) {
      refuse("session/closing", "The session is closing.");
      return;
    }
    const inputLength = inputBytes(request);
    const credits = this.#worstCase.credits(request, inputLength, deadlineMs);
    const load = {
      creditsUsed: ledger.creditsUsed,
      chargeable: this.#occupied + ledger.uncoveredCredits,
      writtenOff: ledger.writtenOff,
      inFlight: this.#calls.size,
    };
    const refusal = refusalOf(this.terms, this.policy, load, credits);
    if (refusal !== null) {
      // A signature would free what is acknowledged: ask for it now.
      if (refusal.code === "session/exposure-exceeded") this.#checkpoints.schedule(nowMs, 0);
      refuse(refusal.code, refusal.message);
      return;
    }
    const repeat = ledger.hasReceipt(callId);
    this.#calls.set(callId, {
      request,
      inputLength,
      deadlineMs,
      arrivedMs: nowMs,
      dueMs: request.byContent === undefined ? nowMs + deadlineMs + DEADLINE_GRACE_MS : Number.POSITIVE_INFINITY,
      repeat,
      credits,
      result: null,
      answeredMs: nowMs,
    });
    this.#occupied += credits;
    out.push({ type: "execute", callId, request, deadlineMs });
  }

  #answer(
    callId: number,
    call: ProviderCall,
    ended: Exclude<ExecutionResult, { fault: unknown }>,
    nowMs: number,
    out: Effect[],
  ): void {
    const { outcome, outputContent } = ended;
    const { status, exitCode, output, stderr, bitOps, floatOps } = outcome;
    const durationMs = Math.min(Math.max(0, Math.ceil(ended.durationMs)), call.deadlineMs);
    const bytes = call.inputLength + BigInt(output.length + stderr.length);
    const used = { bitOps, floatOps, bytes, durationMs };
    const credits = worstCaseCredits(this.terms, call.request, call.inputLength, call.deadlineMs, used);
    this.#occupied += credits - call.credits;
    call.credits = credits;
    call.answeredMs = nowMs;
    const result: Result = { type: "result", callId, status, exitCode, output, stderr, bitOps, floatOps, durationMs };
    call.result = outputContent === undefined ? result : { ...result, output: new Uint8Array(0), outputContent };
    this.core.send(call.result, out);
    if (call.repeat) this.#writeOff(callId, call, out);
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
    const receipt: Receipt = {
      executionHash: executionHash(moduleOf(this.terms, call.request), call.request),
      outputHash: outputHash(result),
      status: result.status,
      breached: ack.breached,
      usage: {
        bitOps: result.bitOps,
        floatOps: result.floatOps,
        bytes: call.inputLength + BigInt((result.outputContent ?? result.output).length + result.stderr.length),
        durationMs: result.durationMs,
        latencyMs: ack.latencyMs,
        pingMs: ack.pingMs,
      },
    };
    const reason = implausibleAck(this.terms, this.policy, call.request, ack, nowMs - call.arrivedMs, call.deadlineMs);
    if (reason !== null) {
      this.#halt("session/implausible-latency", `Acknowledging call ${callId}, ${reason}.`, out);
      return;
    }
    const encoded = encodeReceipt(receipt);
    this.#startClock(nowMs);
    this.#drop(callId, call);
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
      this.#endInFault(callId, call, "session/cancelled", "The buyer withdrew the call.", breach, nowMs, out);
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
    this.#checkpoints.propose(nowMs, this.#closing && this.#calls.size === 0, out);
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
    this.#drop(callId, call);
    if (breach && !call.repeat) {
      this.#startClock(nowMs);
      this.core.note({ type: "fault", callId }, out);
    }
    this.#sendFault(callId, code, message, breach, out);
  }

  #writeOff(callId: number, call: ProviderCall, out: Effect[]): void {
    this.#drop(callId, call);
    this.core.note({ type: "writtenOff", credits: call.credits }, out);
  }

  #drop(callId: number, call: ProviderCall): void {
    this.#calls.delete(callId);
    this.#occupied -= call.credits;
  }

  /** Ends the session at its newest state; once. */
  #halt(code: string, message: string, out: Effect[]): void {
    if (this.core.ledger.halt !== null) return;
    for (const [callId, call] of this.#calls.entries()) {
      this.#drop(callId, call);
      if (call.result !== null) continue;
      out.push({ type: "cancelExecution", callId });
      this.#sendFault(callId, "session/halted", message, false, out);
    }
    this.core.halt(code, message, out);
  }

  #sameRequest(a: ExecutionRequest, b: ExecutionRequest): boolean {
    const hash = (request: ExecutionRequest) => executionHash(moduleOf(this.terms, request), request);
    return a === b || equalBytes(hash(a), hash(b));
  }

  #sendFault(callId: number, code: string, message: string, breach: boolean, out: Effect[]): void {
    this.core.send({ type: "fault", callId, code, message, breach }, out);
  }
}
