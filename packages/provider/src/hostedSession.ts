import type { Session as ChainSession, SessionParams } from "@demec/chain";
import { type DemecError, type Hex, isDemecError, type NewestStates, type SessionMessage } from "@demec/protocol";
import { type Effect, EffectPump, type ExecutionResult, type Journal, type ProviderSession } from "@demec/session";
import type { ExecutorPort } from "./executorPort.ts";
import type { ServedService } from "./servedService.ts";

/** Where a hosted session's messages go while its buyer is connected. */
export type SendToBuyer = (message: SessionMessage) => void;

export interface HostedSessionOptions {
  readonly onChain: ChainSession;
  readonly engine: ProviderSession;
  readonly service: ServedService;
  readonly journal: Journal;
  readonly executor: ExecutorPort;
  /** Upper bound of every call's wall-clock backstop; milliseconds. */
  readonly maxDeadlineMs: number;
  /** Monotonic milliseconds. */
  readonly now: () => number;
  /** The final state is co-signed: bring it to the chain. */
  readonly onFinal: () => void;
  /** No further work: settle at the newest state. */
  readonly onHalt: (code: string, message: string) => void;
  /** The journal failed: nothing more can be signed. */
  readonly onBroken: (error: DemecError) => void;
}

/** One session on the provider's side: its engine, driven by a connection (while there is one), the executor and time. */
export class HostedSession {
  readonly sessionId: Hex;
  readonly params: SessionParams;
  readonly engine: ProviderSession;
  readonly #options: HostedSessionOptions;
  readonly #pump: EffectPump;
  #send: SendToBuyer | null = null;
  /** Monotonic time at which the buyer was last attached. */
  lastSeenMs: number;

  constructor(options: HostedSessionOptions) {
    this.#options = options;
    this.sessionId = options.onChain.sessionId;
    this.params = options.onChain.params;
    this.engine = options.engine;
    this.lastSeenMs = options.now();
    this.#pump = new EffectPump({
      journal: options.journal,
      sessionId: this.sessionId,
      send: (message) => this.#send?.(message),
      execute: (call) => void this.#execute(call),
      closed: options.onFinal,
      halt: ({ code, message }) => options.onHalt(code, message),
      failed: options.onBroken,
    });
  }

  get attached(): boolean {
    return this.#send !== null;
  }

  /**
   * Connects the buyer; a newer connection replaces an older one. `reply` gets our newest states, which are durable by
   * then, before anything else is sent.
   */
  async attach(theirs: NewestStates, reply: (ours: NewestStates) => void, send: SendToBuyer): Promise<void> {
    this.#drop();
    await this.#pump.flush();
    reply(this.engine.newest());
    this.#send = send;
    this.lastSeenMs = this.#options.now();
    this.#perform(this.engine.attach(theirs, this.lastSeenMs));
  }

  /** Disconnects, unless another connection has taken over meanwhile. */
  detach(send: SendToBuyer): void {
    if (this.#send !== send) return;
    this.#drop();
    this.lastSeenMs = this.#options.now();
  }

  receive(message: SessionMessage): void {
    this.#perform(this.engine.receive(message, this.#options.now()));
  }

  tick(): void {
    this.#perform(this.engine.tick(this.#options.now()));
  }

  /** Resolves when everything asked for so far is durable. */
  settled(): Promise<void> {
    return this.#pump.flush();
  }

  #drop(): void {
    this.#send = null;
    this.#perform(this.engine.detach());
    this.#pump.detach();
  }

  #perform(effects: readonly Effect[]): void {
    this.#pump.run(effects);
  }

  async #execute(call: Extract<Effect, { type: "execute" }>): Promise<void> {
    const { executor, service, maxDeadlineMs, now } = this.#options;
    let result: ExecutionResult;
    try {
      const { durationMs, ...outcome } = await executor.run({
        moduleHash: service.moduleHash,
        request: call.request,
        deadlineMs: Math.min(call.deadlineMs, maxDeadlineMs),
        tenant: this.params.buyer,
      });
      result = { outcome, durationMs };
    } catch (error) {
      result = { fault: faultOf(error) };
    }
    this.#perform(this.engine.executed(call.callId, result, now()));
  }
}

/** A request that could never run is its sender's fault; every other failure is ours and a breach. */
function faultOf(error: unknown): { code: string; message: string; breach: boolean } {
  if (isDemecError(error)) {
    return { code: error.code, message: error.message, breach: error.code.startsWith("executor/") };
  }
  return { code: "executor/host-failure", message: "The host failed.", breach: true };
}
