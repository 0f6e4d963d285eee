import { moduleHashOf, type Service, type SessionParams } from "@demec/chain";
import {
  DemecError,
  type ExecutionRequest,
  type Hex,
  type Receipt,
  type SessionMessage,
  type SignedState,
  type StatusName,
  type StreamedEnd,
  type Usage,
} from "@demec/protocol";
import {
  BuyerSession,
  defaultPolicy,
  type Effect,
  EffectPump,
  type ExposurePolicy,
  type Journal,
  type ProvenReceipt,
  type Snapshot,
  sessionTerms,
} from "@demec/session";
import { Absence, isOver } from "./absence.ts";
import { CallQueue, type InvokeOptions } from "./callQueue.ts";
import type { ContentPort } from "./content.ts";
import { OutputFetcher } from "./outputFetcher.ts";
import { pause } from "./pause.ts";
import type { Attachment, ProviderLink } from "./providerLink.ts";

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
  /** Of a streamed call, whose `output` is empty. */
  readonly streamed?: StreamedEnd | undefined;
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
  /** Serves and fetches what travels by content. */
  readonly content?: ContentPort | undefined;
  /** A new connection to the provider, after one was lost; rejects when there is none to be had. */
  readonly reconnect: () => Promise<ProviderLink>;
  /** Does what the provider may ask for access for; see `Entrance.through`. */
  readonly enter?: ((link: ProviderLink, act: () => Promise<Attachment>) => Promise<Attachment>) | undefined;
  /** Its provider is suspected, away, back, or lost: another session may be the better one now. */
  readonly onChange?: ((session: PaidSession) => void) | undefined;
  /** Hears of each newer state with both signatures, when it is durable here. */
  readonly onCosigned?: ((state: SignedState) => void) | undefined;
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
  readonly #calls: CallQueue;
  readonly #outputs: OutputFetcher;
  readonly #final = Promise.withResolvers<SignedState>();
  readonly #timer: ReturnType<typeof setInterval>;
  #send: ((message: SessionMessage) => void) | null = null;
  #link: ProviderLink | null = null;
  #lost: DemecError | null = null;
  /** Somebody waits for the final state. */
  #finalising = false;
  #reattaching: Promise<void> | null = null;
  /** While the provider is away. */
  #absence: Absence | null = null;

  constructor(options: PaidSessionOptions) {
    const { sessionId, params, service, chainId, escrow } = options;
    this.#options = options;
    this.sessionId = sessionId;
    this.params = params;
    this.nodeKey = options.nodeKey;
    this.engine = new BuyerSession({
      terms: sessionTerms(
        { sessionId, params, service },
        { domain: { chainId, verifyingContract: escrow }, moduleHash: moduleHashOf(service) },
      ),
      policy: defaultPolicy(params.credits, options.exposure),
      sessionPrivateKey: options.sessionPrivateKey,
      restored: options.restored,
    });
    this.#pump = new EffectPump({
      journal: options.journal,
      sessionId,
      send: (message) => this.#send?.(message),
      resolve: ({ callId, outcome }) => this.#calls.answer(callId, outcome),
      cosigned: ({ state }) => {
        this.#calls.admit();
        options.onCosigned?.(state);
      },
      closed: ({ state }) => this.#final.resolve(state),
      halt: ({ code, message }) =>
        this.#lose(
          new DemecError("sdk/session-halted", `The session halted: ${message} (${code}).`, { details: { code } }),
        ),
      failed: (error) => this.#lose(error),
    });
    this.#calls = new CallQueue(this, this.engine, (effects) => this.#perform(effects));
    this.#outputs = new OutputFetcher({
      content: options.content,
      awaited: (callId) => this.engine.awaited(callId),
      connections: () => (this.#link === null ? [] : [this.#link.connection]),
      fetched: (result) => this.#perform(this.engine.receive(result, performance.now())),
      failed: (callId, cause) => this.#calls.giveUp(callId, cause),
    });
    // Nobody may be waiting for the final state when it fails to come.
    this.#final.promise.catch(() => undefined);
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Why it takes no further calls, or null while it does. */
  get lost(): DemecError | null {
    return this.#lost;
  }

  /** Whether there is a connection to the provider. */
  get attached(): boolean {
    return this.#send !== null;
  }

  /** Attached, and the provider not suspected to be gone: the place for a call. */
  get ready(): boolean {
    return this.#lost === null && this.attached && !this.#link!.connection.isSuspected;
  }

  /** Node key of the relay through which the provider is, or was last, reached; null: directly, or never. */
  get relay(): Hex | null {
    return this.#link?.connection.relay ?? null;
  }

  /** For how long the provider has been known to be out of reach; milliseconds, 0 while it is not. */
  get absentMs(): number {
    return this.#absence?.lastsMs(performance.now()) ?? 0;
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
    const receive = (message: SessionMessage, announcedMs = performance.now()) => {
      if (attached) this.#receive(message, announcedMs, link);
      else early.push(message);
    };
    const { chainId, escrow, sessionPrivateKey } = this.#options;
    const attach = () =>
      link.attach({
        sessionId: this.sessionId,
        sessionPrivateKey,
        domain: { chainId, verifyingContract: escrow },
        newest: this.engine.newest(),
        listener: {
          receive,
          ended: (cause) => this.#ended(link, cause),
          expects: (callId, messageBytes) => this.engine.expects(callId, messageBytes),
          outputOf: (callId, consumed) => this.#calls.outputOf(callId, consumed),
          uploaded: (callId) => this.engine.uploaded(callId, performance.now()),
        },
      });
    const { enter } = this.#options;
    const { theirs, send } = await (enter === undefined ? attach() : enter(link, attach));
    if (this.#lost !== null) throw this.#lost;
    this.#send = send;
    attached = true;
    this.#link = link;
    this.#absence = null;
    this.#perform(this.engine.attach(theirs, performance.now()));
    for (const message of early.splice(0)) receive(message);
    this.#options.content?.replicate(link.connection);
    link.connection.onSuspicion(() => this.#changed());
    void link.connection.closed.then(() => this.#disconnected(send));
    this.#changed();
  }

  /** Attaches on a new connection; asked for meanwhile, the same one. @throws as `attach`, network/… */
  reattach(): Promise<void> {
    this.#reattaching ??= this.#reattach().finally(() => {
      this.#reattaching = null;
    });
    return this.#reattaching;
  }

  /** The provider is away: tries to reach it again and again, in the background, until it is back or given up. */
  awaitReturn(): void {
    if (this.#lost !== null || this.attached) return;
    const nowMs = performance.now();
    this.#absence ??= new Absence(nowMs);
    this.#absence.postpone(nowMs);
    if (this.#absence.isHopeless(nowMs)) this.#lose(this.#gone());
    else this.#changed();
  }

  /** This side was away itself, asleep or without a network: a provider that is away is tried again at once. */
  wake(): void {
    this.#absence?.hasten(performance.now());
  }

  /**
   * Calls the function and gives its deterministic end, ok or not. Waits its turn while the exposure policy has no room.
   * @param deadlineMs wall-clock backstop of the run, and of the waiting before it
   * @throws session/insufficient-credits, session/call-too-large, session/exposure-exceeded, protocol/out-of-range,
   * protocol/frame-too-large before anything is sent; the reason of `signal` when it fires
   * @throws sdk/call-fault when the provider could not run it: no receipt, no charge
   * @throws sdk/provider-lost, sdk/session-ended, sdk/session-halted: another session may do it; calls are pure, so trying again is safe
   */
  invoke(request: ExecutionRequest, options: InvokeOptions): Promise<CallResult> {
    if (this.#lost !== null) return Promise.reject(this.#lost);
    if (this.#absence !== null) return Promise.reject(this.#gone());
    return this.#calls.invoke(request, options);
  }

  /**
   * Rejects calls that wait for a silent provider with sdk/provider-suspected, so that they are done elsewhere; what it
   * makes of them is not charged. Those that came here this way stay.
   */
  yieldCalls(): void {
    const message = `The provider of session ${this.sessionId} does not answer; the call can be done elsewhere.`;
    this.#calls.yield(new DemecError("sdk/provider-suspected", message), false);
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
    this.#finalising = true;
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

  /** Waits until all calls that are there have been answered, `timeoutMs` at most. */
  async drain(timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs;
    while (!this.#calls.isIdle && this.#lost === null && performance.now() < until) await pause(TICK_MS);
  }

  /** Ends the part of the session that lives in this process; the chain is another matter. */
  async release(): Promise<void> {
    clearInterval(this.#timer);
    this.#lose(new DemecError("sdk/session-released", `Session ${this.sessionId} was released.`));
    await this.#pump.flush();
    this.#outputs.stop();
    await this.#link?.connection.close();
  }

  /** @param announcedMs when it came; monotonic milliseconds */
  #receive(message: SessionMessage, announcedMs: number, link: ProviderLink): void {
    if (message.type === "result") {
      if (message.outputContent !== undefined && this.#outputs.take(message)) return;
      if (!this.#calls.hasCome(message)) {
        // Unacknowledged, it is charged to nobody.
        void link.connection.close("protocol/malformed", "A result tells of another output than came.");
        return;
      }
    }
    this.#perform(this.engine.receive(message, announcedMs));
  }

  #tick(): void {
    const nowMs = performance.now();
    const connection = this.#link?.connection;
    if (connection?.rttMs !== undefined) this.engine.observePing(connection.rttMs);
    connection?.watch(this.#calls.awaitsAnswers);
    this.#perform(this.engine.tick(nowMs));
    this.#calls.sweep();
    this.#calls.admit();
    if (this.#absence?.tick(nowMs) && this.#reattaching === null) void this.#retry();
  }

  #perform(effects: readonly Effect[]): void {
    this.#pump.run(effects);
  }

  async #reattach(): Promise<void> {
    const link = await this.#options.reconnect();
    try {
      await this.attach(link);
    } catch (error) {
      void link.connection.close();
      throw error;
    }
  }

  async #retry(): Promise<void> {
    try {
      await this.reattach();
    } catch (cause) {
      if (this.#lost !== null) return;
      if (isOver(cause) || this.#finalising) {
        this.#lose(this.#gone(cause));
      } else {
        this.#calls.yield(this.#gone(cause), true);
        this.awaitReturn();
      }
    }
  }

  /** Calls are given one attempt to reconnect, unless somebody takes them elsewhere. */
  async #disconnected(send: (message: SessionMessage) => void): Promise<void> {
    if (this.#send !== send || this.#lost !== null) return;
    this.#send = null;
    this.#perform(this.engine.detach());
    this.#pump.detach();
    this.#changed();
    await this.#retry();
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
    this.#calls.fail(error);
    this.#changed();
  }

  #changed(): void {
    this.#options.onChange?.(this);
  }

  #gone(cause?: unknown): DemecError {
    return new DemecError("sdk/provider-lost", `The provider of session ${this.sessionId} can't be reached.`, {
      cause,
    });
  }
}
