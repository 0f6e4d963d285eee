import type { Service, SessionParams } from "@demec/chain";
import {
  DemecError,
  type ExecutionRequest,
  type Hex,
  isDemecError,
  type Receipt,
  type SessionMessage,
  type SignedState,
  type StatusName,
  statusName,
  type Usage,
} from "@demec/protocol";
import {
  BuyerSession,
  type CallOutcome,
  defaultPolicy,
  type Effect,
  EffectPump,
  type ExposurePolicy,
  type Journal,
  type ProvenReceipt,
  type Snapshot,
} from "@demec/session";
import { hexToBytes } from "viem";
import type { ProviderLink } from "./providerLink.ts";
import { assertSendable } from "./sendable.ts";

/** Monotonic milliseconds between two looks at the clock; bounds how late a deadline is noticed. */
const TICK_MS = 25;

/** A call that reached a deterministic end: what came out, what it took, and what it costs. */
export interface CallResult {
  readonly callId: number;
  readonly status: StatusName;
  /** A command's exit code, else 0. */
  readonly exitCode: number;
  readonly output: Uint8Array;
  readonly stderr: Uint8Array;
  readonly usage: Usage;
  readonly receipt: Receipt;
  /** 18 decimals. */
  readonly credits: bigint;
  readonly session: PaidSession;
}

export interface PaidSessionOptions {
  readonly sessionId: Hex;
  readonly params: SessionParams;
  readonly service: Service;
  /** Provider's node key, as the chain had it. */
  readonly nodeKey: Hex;
  readonly chainId: number;
  readonly escrow: Hex;
  readonly sessionPrivateKey: Hex;
  readonly journal: Journal;
  readonly restored: Snapshot | null;
  readonly exposure?: Partial<ExposurePolicy> | undefined;
  /** A new connection to the provider, after one was lost; rejects when there is none to be had. */
  readonly reconnect: () => Promise<ProviderLink>;
}

interface PendingCall {
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

/** One session on the buyer's side: its engine, driven by a connection, callers and time. */
export class PaidSession {
  readonly sessionId: Hex;
  readonly params: SessionParams;
  /** Node key of its provider. */
  readonly nodeKey: Hex;
  readonly engine: BuyerSession;
  readonly #options: PaidSessionOptions;
  readonly #pump: EffectPump;
  readonly #pending = new Map<number, PendingCall>();
  readonly #waiting: WaitingCall[] = [];
  readonly #final = Promise.withResolvers<SignedState>();
  readonly #timer: ReturnType<typeof setInterval>;
  #send: ((message: SessionMessage) => void) | null = null;
  #link: ProviderLink | null = null;
  #lost: DemecError | null = null;

  constructor(options: PaidSessionOptions) {
    const { params, service } = options;
    this.#options = options;
    this.sessionId = options.sessionId;
    this.params = params;
    this.nodeKey = options.nodeKey;
    this.engine = new BuyerSession({
      terms: {
        sessionId: options.sessionId,
        domain: { chainId: options.chainId, verifyingContract: options.escrow },
        operator: params.operator,
        sessionKey: params.sessionKey,
        credits: params.credits,
        moduleHash: hexToBytes(service.codeHash),
        tariff: service.tariff,
        maxLatencyMs: service.sla.maxLatencyMs,
      },
      policy: defaultPolicy(params.credits, options.exposure),
      sessionPrivateKey: options.sessionPrivateKey,
      restored: options.restored,
    });
    this.#pump = new EffectPump({
      journal: options.journal,
      sessionId: options.sessionId,
      send: (message) => this.#send?.(message),
      resolve: ({ callId, outcome }) => this.#answer(callId, outcome),
      cosigned: () => this.#admit(),
      closed: ({ state }) => this.#final.resolve(state),
      halt: ({ code, message }) =>
        this.#lose(
          new DemecError("sdk/session-halted", `The session halted: ${message} (${code}).`, { details: { code } }),
        ),
      failed: (error) => this.#lose(error),
    });
    // Nobody may be waiting for the final state when it fails to come.
    this.#final.promise.catch(() => undefined);
    this.#timer = setInterval(() => {
      const rttMs = this.#link?.connection.rttMs;
      if (rttMs !== undefined) this.engine.observePing(rttMs);
      this.#perform(this.engine.tick(performance.now()));
      this.#sweep();
      this.#admit();
    }, TICK_MS);
  }

  /** Why it takes no further calls, or null while it does. */
  get lost(): DemecError | null {
    return this.#lost;
  }

  /** Newest state that both sides signed. */
  get state(): SignedState | null {
    return this.engine.state;
  }

  /**
   * Attaches to a connection and stays attached, over reconnects, until the session is lost or released. The connection
   * is the session's from then on.
   * @throws sdk/refused, sdk/provider-lost, sdk/no-answer, sdk/session-released; the connection is the caller's again
   */
  async attach(link: ProviderLink): Promise<void> {
    await this.#pump.flush();
    const early: SessionMessage[] = [];
    let attached = false;
    const receive = (message: SessionMessage) => {
      if (attached) this.#perform(this.engine.receive(message, performance.now()));
      else early.push(message);
    };
    const { chainId, escrow, sessionPrivateKey } = this.#options;
    const { theirs, send } = await link.attach({
      sessionId: this.sessionId,
      sessionPrivateKey,
      domain: { chainId, verifyingContract: escrow },
      newest: this.engine.newest(),
      listener: { receive, ended: (cause) => this.#ended(link, cause) },
    });
    if (this.#lost !== null) throw this.#lost;
    this.#send = send;
    attached = true;
    this.#link = link;
    this.#perform(this.engine.attach(theirs, performance.now()));
    for (const message of early.splice(0)) receive(message);
    void link.connection.closed.then(() => this.#disconnected(send));
  }

  /** Attaches on a new connection. @throws as `attach`, network/… */
  async reattach(): Promise<void> {
    const link = await this.#options.reconnect();
    try {
      await this.attach(link);
    } catch (error) {
      void link.connection.close();
      throw error;
    }
  }

  /**
   * Calls the function and gives its deterministic end, ok or not. Waits its turn while the exposure policy has no room.
   * @param deadlineMs wall-clock backstop of the run, and of the waiting before it
   * @throws session/insufficient-credits, session/call-too-large, session/exposure-exceeded, protocol/out-of-range,
   * protocol/frame-too-large before anything is sent; the reason of `signal` when it fires
   * @throws sdk/call-fault when the provider could not run it: no receipt, no charge
   * @throws sdk/provider-lost, sdk/session-ended, sdk/session-halted: another session may do it; calls are pure, so trying again is safe
   */
  invoke(
    request: ExecutionRequest,
    { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal?: AbortSignal | undefined },
  ): Promise<CallResult> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    try {
      signal?.throwIfAborted();
      assertSendable(request);
    } catch (error) {
      return Promise.reject(error);
    }
    const { promise, resolve, reject } = Promise.withResolvers<CallResult>();
    this.#waiting.push({ request, deadlineMs, untilMs: performance.now() + deadlineMs, signal, resolve, reject });
    this.#admit();
    return promise;
  }

  /** The receipt of a call with its proof under a co-signed state; waits for the next state where it must. */
  async prove(callId: number, timeoutMs = 10_000): Promise<ProvenReceipt> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const proven = this.engine.receiptFor(callId);
      if (proven !== null) return proven;
      if (this.#lost !== null) throw this.#lost;
      if (performance.now() > until) {
        throw new DemecError("sdk/not-cosigned", `No co-signed state covers call ${callId} after ${timeoutMs} ms.`, {
          details: { callId },
        });
      }
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  /** Asks for the final state and waits until both sides have signed it. @throws sdk/no-final-state, sdk/provider-lost */
  async finalise(timeoutMs: number): Promise<SignedState> {
    // An earlier process may have got so far.
    if (this.engine.closed) return this.engine.state!;
    if (this.#lost !== null) throw this.#lost;
    this.#perform(this.engine.requestClose(performance.now()));
    const timer = setTimeout(() => {
      this.#final.reject(
        new DemecError("sdk/no-final-state", `The provider signed no final state within ${timeoutMs} ms.`, {
          details: { sessionId: this.sessionId },
        }),
      );
    }, timeoutMs);
    return this.#final.promise.finally(() => clearTimeout(timer));
  }

  /** Ends the part of the session that lives in this process; the chain is another matter. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    this.#lose(new DemecError("sdk/session-released", `Session ${this.sessionId} was released.`));
    await this.#pump.flush();
    await this.#link?.connection.close();
  }

  #perform(effects: readonly Effect[]): void {
    this.#pump.run(effects);
  }

  /** Starts waiting calls, first come first served, as long as there is room. */
  #admit(): void {
    for (let call = this.#waiting[0]; call !== undefined; call = this.#waiting[0]) {
      // Known without asking the engine, whose answer would be an error made for nothing with every call that waits.
      const isFull = this.engine.inFlight >= this.engine.policy.maxInFlight;
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
  #sweep(): void {
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

  #start(call: WaitingCall): void {
    const { request, deadlineMs, signal, resolve, reject } = call;
    const { callId, effects } = this.engine.invoke(request, deadlineMs, performance.now());
    if (signal === undefined) {
      this.#pending.set(callId, call);
      this.#perform(effects);
      return;
    }
    const cancel = () => {
      this.#pending.delete(callId);
      reject(signal.reason);
      this.#perform(this.engine.cancel(callId));
    };
    signal.addEventListener("abort", cancel, { once: true });
    const done = () => signal.removeEventListener("abort", cancel);
    this.#pending.set(callId, {
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
    if (error.code === "session/insufficient-credits") return this.engine.exposure > 0n;
    return error.code === "session/exposure-exceeded" || error.code === "session/too-many-in-flight";
  }

  #answer(callId: number, answer: CallOutcome): void {
    const pending = this.#pending.get(callId);
    this.#pending.delete(callId);
    this.#admit();
    if (answer.type === "fault") {
      const { code, message, breach } = answer;
      pending?.reject(
        new DemecError("sdk/call-fault", `Call ${callId} was not run: ${message} (${code}).`, {
          details: { callId, code, breach },
        }),
      );
      return;
    }
    const { outcome, receipt, credits } = answer;
    pending?.resolve({
      callId,
      status: statusName(outcome.status)!,
      exitCode: outcome.exitCode,
      // What came from the connection is a view of a larger buffer, and not the caller's to write to.
      output: outcome.output.slice(),
      stderr: outcome.stderr.length === 0 ? NOTHING : outcome.stderr.slice(),
      usage: receipt.usage,
      receipt,
      credits,
      session: this,
    });
  }

  async #disconnected(send: (message: SessionMessage) => void): Promise<void> {
    if (this.#send !== send || this.#lost !== null) return;
    this.#send = null;
    this.#perform(this.engine.detach());
    this.#pump.detach();
    try {
      await this.reattach();
    } catch (cause) {
      this.#lose(
        new DemecError("sdk/provider-lost", `The provider of session ${this.sessionId} can't be reached.`, { cause }),
      );
    }
  }

  /** The provider serves the session no more: it is being closed on chain, or broke down there. */
  #ended(link: ProviderLink, cause: DemecError): void {
    if (this.#link !== link) return;
    const what = `The provider of session ${this.sessionId} serves it no more.`;
    this.#lose(new DemecError("sdk/session-ended", what, { cause, details: cause.details }));
  }

  #lose(error: DemecError): void {
    if (this.#lost !== null) return;
    this.#lost = error;
    this.#final.reject(error);
    for (const { reject } of [...this.#pending.values(), ...this.#waiting]) reject(error);
    this.#pending.clear();
    this.#waiting.length = 0;
  }
}

const NOTHING = new Uint8Array(0);

function notItsTurn(deadlineMs: number): DemecError {
  return new DemecError("session/exposure-exceeded", `There was no room for the call within ${deadlineMs} ms.`, {
    details: { deadlineMs },
  });
}
