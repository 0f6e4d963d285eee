import { DemecError, type ExecutionRequest, isDemecError, type Result, statusName } from "@demec/protocol";
import { type BuyerSession, type CallOutcome, type Effect, IdMap } from "@demec/session";
import type { OutputStream } from "./outputStream.ts";
import type { CallResult, PaidSession } from "./paidSession.ts";
import { assertSendable } from "./sendable.ts";

const NOTHING = new Uint8Array(0);
/** Refusals of the engine that pass as other calls are answered. */
const PASSING = new Set(["session/exposure-exceeded", "session/too-many-in-flight", "session/too-many-bytes"]);

export interface InvokeOptions {
  /** Wall-clock backstop of the run, and of the waiting before it; milliseconds. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** It was moved once on a mere suspicion: only a provider that is gone moves it again. */
  readonly steadfast?: boolean | undefined;
  /** Takes the output of a command while it runs. */
  readonly output?: OutputStream | undefined;
}

interface PendingCall {
  readonly steadfast: boolean;
  readonly output: OutputStream | undefined;
  readonly resolve: (result: CallResult) => void;
  readonly reject: (error: unknown) => void;
}

/** A call that waits until the exposure policy, or the credits that others only reserve, leave room for it. */
interface WaitingCall extends PendingCall {
  readonly request: ExecutionRequest;
  readonly deadlineMs: number;
  /** Monotonic time after which it waits no longer. */
  readonly untilMs: number;
  readonly signal: AbortSignal | undefined;
}

/** The calls of one session between their callers and the engine: first those that wait for room, then those under way. */
export class CallQueue {
  readonly #session: PaidSession;
  readonly #engine: BuyerSession;
  readonly #perform: (effects: readonly Effect[]) => void;
  readonly #pending = new IdMap<PendingCall>();
  readonly #waiting: WaitingCall[] = [];

  constructor(session: PaidSession, engine: BuyerSession, perform: (effects: readonly Effect[]) => void) {
    this.#session = session;
    this.#engine = engine;
    this.#perform = perform;
  }

  /** Whether the provider owes an answer. */
  get awaitsAnswers(): boolean {
    return this.#pending.size > 0;
  }

  /** Whether no call is under way, or waits. */
  get isIdle(): boolean {
    return this.#pending.size + this.#waiting.length === 0;
  }

  /** @throws the same as `PaidSession.invoke`, but for what a lost session rejects with */
  invoke(
    request: ExecutionRequest,
    { deadlineMs, signal, steadfast = false, output }: InvokeOptions,
  ): Promise<CallResult> {
    try {
      signal?.throwIfAborted();
      assertSendable(request);
    } catch (error) {
      return Promise.reject(error);
    }
    const { promise, resolve, reject } = Promise.withResolvers<CallResult>();
    const untilMs = performance.now() + deadlineMs;
    this.#waiting.push({ request, deadlineMs, untilMs, signal, steadfast, output, resolve, reject });
    this.admit();
    return promise;
  }

  /** Starts waiting calls, first come first served, as long as there is room. */
  admit(): void {
    for (let call = this.#waiting[0]; call !== undefined; call = this.#waiting[0]) {
      // Known without asking the engine, whose answer would be an error made for nothing with every call that waits.
      const isFull = this.#engine.inFlight >= this.#engine.policy.maxInFlight;
      if (isFull && call.signal?.aborted !== true && performance.now() < call.untilMs) return;
      try {
        call.signal?.throwIfAborted();
        this.#start(call);
      } catch (error) {
        if (this.#roomMayCome(error) && performance.now() < call.untilMs) return;
        call.reject(error);
      }
      this.#waiting.shift();
    }
  }

  /** Calls further back don't wait for their turn to learn that they were withdrawn, or that their time is over. */
  sweep(): void {
    const nowMs = performance.now();
    const [first, ...others] = this.#waiting;
    if (first === undefined || !others.some((call) => call.signal?.aborted || nowMs >= call.untilMs)) return;
    this.#waiting.splice(1);
    for (const call of others) {
      if (call.signal?.aborted) call.reject(call.signal.reason);
      else if (nowMs >= call.untilMs) call.reject(notItsTurn(call.deadlineMs));
      else this.#waiting.push(call);
    }
  }

  /** Who takes the output of a call that runs, if it was asked for. @param consumed told as it is read */
  outputOf(callId: number, consumed: (bytes: number) => void): OutputStream | null {
    const output = this.#pending.get(callId)?.output;
    output?.begin(consumed);
    return output ?? null;
  }

  /** Whether what a result says of its output is what came of it. */
  hasCome({ callId, streamed }: Result): boolean {
    const output = this.#pending.get(callId)?.output;
    return output === undefined || (streamed !== undefined && output.isWhole(streamed));
  }

  /** The engine's answer to a call. */
  answer(callId: number, answer: CallOutcome): void {
    const pending = this.#pending.get(callId);
    this.#pending.delete(callId);
    this.admit();
    if (answer.type === "fault") {
      const { code, message, breach } = answer;
      if (code === "session/halted") {
        // It is no fault of the call: another session can do it.
        pending?.reject(new DemecError("sdk/session-halted", `The session halted: ${message}`, { details: { code } }));
        return;
      }
      pending?.reject(
        new DemecError("sdk/call-fault", `Call ${callId} was not run: ${message} (${code}).`, {
          details: { callId, code, breach },
        }),
      );
      return;
    }
    const { outcome, receipt, credits, streamed } = answer;
    pending?.resolve({
      callId,
      status: statusName(outcome.status)!,
      exitCode: outcome.exitCode,
      // What came from the connection is a view of a larger buffer, and not the caller's to write to.
      output: outcome.output.slice(),
      stderr: outcome.stderr.length === 0 ? NOTHING : outcome.stderr.slice(),
      streamed,
      usage: receipt.usage,
      receipt,
      credits,
      session: this.#session,
    });
  }

  /**
   * Gives up calls, so that another session can do them: what this one's provider still makes of them is not charged.
   * @param all the steadfast ones, too
   */
  yield(error: DemecError, all: boolean): void {
    const given: PendingCall[] = [];
    for (const [callId, call] of this.#pending.entries()) {
      if (call.steadfast && !all) continue;
      this.#pending.delete(callId);
      this.#perform(this.#engine.abandon(callId));
      given.push(call);
    }
    for (const call of this.#waiting.splice(0)) (call.steadfast && !all ? this.#waiting : given).push(call);
    for (const { reject } of given) reject(error);
  }

  /** A call whose answer can't be had: whatever its provider makes of it is not charged. */
  giveUp(callId: number, cause: DemecError): void {
    const pending = this.#pending.get(callId);
    this.#pending.delete(callId);
    this.#perform(this.#engine.abandon(callId));
    this.admit();
    const { code, message } = cause;
    const what = `Call ${callId} has no output: ${message}`;
    pending?.reject(new DemecError("sdk/call-fault", what, { cause, details: { callId, code, breach: false } }));
  }

  /** The session is over: nobody is answered any more. */
  fail(error: DemecError): void {
    const calls = [...this.#pending.entries().map(([, call]) => call), ...this.#waiting.splice(0)];
    this.#pending.clear();
    for (const { reject } of calls) reject(error);
  }

  #start(call: WaitingCall): void {
    const { request, deadlineMs, signal, steadfast, output, resolve, reject } = call;
    const { callId, effects } = this.#engine.invoke(request, deadlineMs, performance.now(), output !== undefined);
    if (signal === undefined) {
      this.#pending.set(callId, call);
      this.#perform(effects);
      return;
    }
    const cancel = () => {
      this.#pending.delete(callId);
      reject(signal.reason);
      this.#perform(this.#engine.cancel(callId));
    };
    signal.addEventListener("abort", cancel, { once: true });
    const done = () => signal.removeEventListener("abort", cancel);
    this.#pending.set(callId, {
      steadfast,
      output,
      resolve: (result) => {
        done();
        resolve(result);
      },
      reject: (error) => {
        done();
        reject(error);
      },
    });
    this.#perform(effects);
  }

  #roomMayCome(error: unknown): boolean {
    if (!isDemecError(error)) return false;
    if (error.code === "session/insufficient-credits") return this.#engine.exposure > 0n;
    return PASSING.has(error.code);
  }
}

function notItsTurn(deadlineMs: number): DemecError {
  return new DemecError("session/exposure-exceeded", `There was no room for the call within ${deadlineMs} ms.`, {
    details: { deadlineMs },
  });
}
