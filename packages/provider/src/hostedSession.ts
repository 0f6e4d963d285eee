import type { Session as ChainSession, SessionParams } from "@demec/chain";
import type { Connection, OutputWriter } from "@demec/network/portable";
import {
  type AnnouncedInvoke,
  DemecError,
  type ExecutionRequest,
  type Hex,
  type NewestStates,
  type SessionMessage,
} from "@demec/protocol";
import {
  type Effect,
  EffectPump,
  type ExecutionResult,
  type Journal,
  moduleOf,
  type ProviderSession,
} from "@demec/session";
import type { CallGuard } from "./callGuard.ts";
import type { Call, CallOutcome, CallPort } from "./executorPort.ts";
import { faultOf } from "./faultOf.ts";
import { runStreamed } from "./streamedRun.ts";

/** One connection's way to the buyer of a hosted session. Its functions must not throw. */
export interface BuyerLine {
  /** Where what the buyer names by content is fetched first. */
  readonly sources: readonly Connection[];
  /** The attachment is accepted; our newest states, which are durable by then. Before anything else is sent. */
  readonly attached: (ours: NewestStates) => void;
  readonly send: (message: SessionMessage) => void;
  /** Begins to send the output of a running call. */
  readonly openOutput: (callId: number) => OutputWriter;
  /** The session is no longer attached here: nothing of its streams is wanted. */
  readonly detached: () => void;
  /** The attachment is at its end, though the connection is not. */
  readonly ended: (why: DemecError) => void;
}

export interface HostedSessionOptions {
  readonly onChain: Pick<ChainSession, "sessionId" | "params">;
  readonly engine: ProviderSession;
  readonly journal: Journal;
  readonly executor: CallPort;
  readonly guard: CallGuard;
  /** Upper bound of every call's wall-clock backstop; milliseconds. */
  readonly maxDeadlineMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** The final state is co-signed: bring it to the chain. */
  readonly onFinal: () => void;
  /** No further work: settle at the newest state. */
  readonly onHalt: (code: string, message: string) => void;
  /** The journal failed, or a bug showed: nothing more can be signed. */
  readonly onBroken: (error: unknown) => void;
}

/** One session on the provider's side: its engine, driven by a connection (while there is one), the executor and time. */
export class HostedSession {
  readonly sessionId: Hex;
  readonly params: SessionParams;
  readonly engine: ProviderSession;
  readonly guard: CallGuard;
  readonly #options: HostedSessionOptions;
  readonly #pump: EffectPump;
  #line: BuyerLine | null = null;
  /** Outputs that the buyer is to fetch, by their calls; those that it never acknowledges go with time. */
  readonly #waiting = new Map<number, () => void>();
  /** Attachments take place one after the other. */
  #attaching: Promise<void> = Promise.resolve();
  #lastSeenMs: number;
  #draining = false;
  #retired = false;

  constructor(options: HostedSessionOptions) {
    this.#options = options;
    this.sessionId = options.onChain.sessionId;
    this.params = options.onChain.params;
    this.engine = options.engine;
    this.guard = options.guard;
    this.#lastSeenMs = options.now();
    this.#pump = new EffectPump({
      journal: options.journal,
      sessionId: this.sessionId,
      send: (message) => this.#line?.send(message),
      execute: (call) => this.#execute(call),
      closed: options.onFinal,
      halt: ({ code, message }) => options.onHalt(code, message),
      failed: (error) => this.#break(error),
    });
  }

  get attached(): boolean {
    return this.#line !== null;
  }

  /** Since when no buyer has been attached; 0 while one is. */
  get idleMs(): number {
    return this.attached ? 0 : this.#options.now() - this.#lastSeenMs;
  }

  /**
   * Connects the buyer; a newer connection replaces an older one.
   * @throws provider/session-not-open once it is retired
   */
  attach(theirs: NewestStates, line: BuyerLine): Promise<void> {
    const attached = this.#attaching.then(() => this.#attach(theirs, line));
    this.#attaching = attached.catch(() => undefined);
    return attached;
  }

  /** Disconnects, unless another connection has taken over meanwhile. */
  detach(line: BuyerLine): void {
    if (this.#line === line) this.#drop();
  }

  /** @param from the connection it came on: once another has taken over, it isn't heard */
  receive(message: SessionMessage, from: BuyerLine): void {
    // A buyer that is told of the session's end does elsewhere what was never answered.
    if (this.#draining && message.type === "invoke") return;
    if (this.#line === from) this.#perform(this.engine.receive(message, this.#options.now()));
    if (message.type === "ack" && this.#waiting.size > 0) this.#fetched(message.callId);
  }

  /** A call is to come in fragments: whether it may. @param from see {@link receive} */
  announce(call: AnnouncedInvoke, from: BuyerLine): boolean {
    if (this.#draining || this.#line !== from) return false;
    const { mayCome, effects } = this.engine.announce(call, this.#options.now());
    this.#perform(effects);
    return mayCome;
  }

  tick(): void {
    if (this.#retired) return;
    try {
      this.#perform(this.engine.tick(this.#options.now()));
      if (this.#draining) this.#perform(this.engine.checkpoint(this.#options.now()));
    } catch (error) {
      this.#break(error);
    }
  }

  /**
   * Takes no further part in calls. What is under way is forgotten and no breach of ours: where the session goes on (after
   * a restart), the buyer asks again.
   */
  retire(): void {
    this.#retired = true;
    this.#drop();
  }

  /** Takes no new calls; those that run go on, and are signed for as soon as they are acknowledged. */
  drain(): void {
    this.#draining = true;
  }

  /** Whether nothing more can be lost by ending it: without its buyer, no answer and no signature is to be had. */
  get quiet(): boolean {
    return !this.attached || this.engine.quiet;
  }

  /** Retires, and tells the buyer so that it needn't wait for answers. */
  end(): void {
    const line = this.#line;
    this.retire();
    line?.ended(this.#atItsEnd());
  }

  /** Shows the buyer out, who may come back: what it signed stays signed, and what runs is answered to nobody. */
  expel(why: DemecError): void {
    const line = this.#line;
    this.#drop();
    line?.ended(why);
  }

  /** Resolves when everything asked for so far is durable. */
  settled(): Promise<void> {
    return this.#pump.flush();
  }

  async #attach(theirs: NewestStates, line: BuyerLine): Promise<void> {
    this.#drop();
    await this.#pump.flush();
    if (this.#retired) throw this.#atItsEnd();
    line.attached(this.engine.newest());
    this.#line = line;
    this.#perform(this.engine.attach(theirs, this.#options.now()));
  }

  #atItsEnd(): DemecError {
    return new DemecError("provider/session-not-open", `Session ${this.sessionId} is at its end here.`, {
      details: { sessionId: this.sessionId },
    });
  }

  #drop(): void {
    if (this.#line !== null) this.#lastSeenMs = this.#options.now();
    this.#line?.detached();
    this.#line = null;
    this.#perform(this.engine.detach());
    this.#pump.detach();
  }

  #break(error: unknown): void {
    this.end();
    this.#options.onBroken(error);
  }

  #perform(effects: readonly Effect[]): void {
    this.#pump.run(effects);
  }

  #execute({ callId, request, deadlineMs, streamed }: Extract<Effect, { type: "execute" }>): void {
    const { executor } = this.#options;
    const call = this.#callOf(callId, request, deadlineMs);
    const refuse = (error: unknown) => this.#executed(callId, { fault: faultOf(error) });
    const line = this.#line;
    const openOutput = () => {
      this.engine.delivered(callId);
      return line!.openOutput(callId);
    };
    const run = (ready: ExecutionRequest) => {
      const made = { ...call, request: ready };
      if (streamed) void runStreamed(executor, made, openOutput).then((result) => this.#executed(callId, result));
      else executor.run(made).then((outcome) => this.#ran(callId, outcome), refuse);
    };
    try {
      const ready = this.guard.ready(request);
      if (ready instanceof Promise) ready.then(run, refuse);
      else run(ready);
    } catch (error) {
      // Not before the engine is done with the message that asked for it.
      queueMicrotask(() => refuse(error));
    }
  }

  #callOf(callId: number, request: ExecutionRequest, deadlineMs: number): Call {
    const { maxDeadlineMs, now } = this.#options;
    const way = request.byContent && {
      connections: () => this.#line?.sources ?? [],
      onFetched: () => this.engine.fetched(callId, now()),
    };
    const moduleHash = moduleOf(this.engine.terms, request);
    return { moduleHash, request, deadlineMs: Math.min(deadlineMs, maxDeadlineMs), tenant: this.params.buyer, way };
  }

  /** The buyer has the output that it was to fetch. */
  #fetched(callId: number): void {
    this.#waiting.get(callId)?.();
    this.#waiting.delete(callId);
  }

  #ran(callId: number, outcome: CallOutcome): void {
    const { durationMs, waiting } = outcome;
    if (waiting !== undefined) this.#waiting.set(callId, waiting.release);
    this.#executed(callId, { outcome, durationMs, outputContent: waiting?.content });
  }

  #executed(callId: number, result: ExecutionResult): void {
    if (this.#retired) return;
    try {
      this.#perform(this.engine.executed(callId, result, this.#options.now()));
    } catch (error) {
      this.#break(error);
    }
  }
}
