import type { AccessGate, SecretOpener } from "@demec/access";
import {
  ChainWatch,
  type Deployment,
  getService,
  getSession,
  listLongSettled,
  listUnsettledSessions,
  moduleHashOf,
  type ReadClient,
  type Session,
  type SessionEvent,
  type WriteClient,
} from "@demec/chain";
import { type Address, DemecError, type Hex, isDemecError } from "@demec/protocol";
import { type Journal, ProviderSession, sessionTerms } from "@demec/session";
import { CallGate } from "./callGate.ts";
import { CallGuard, callerOf } from "./callGuard.ts";
import type { CallStats } from "./callStats.ts";
import { DemandDesk } from "./demandDesk.ts";
import type { CallPort } from "./executorPort.ts";
import { HostedSession } from "./hostedSession.ts";
import type { Logger } from "./logger.ts";
import type { ProviderPolicy } from "./policy.ts";
import type { ServedService } from "./servedService.ts";
import { Settler } from "./settler.ts";

export interface SessionHostOptions {
  readonly client: ReadClient;
  readonly wallet: WriteClient;
  readonly deployment: Deployment;
  readonly owner: Address;
  readonly operator: Address;
  readonly operatorPrivateKey: Hex;
  readonly executor: CallPort;
  readonly journal: Journal;
  readonly policy: ProviderPolicy;
  readonly logger: Logger;
  readonly serviceOf: (serviceId: bigint) => ServedService | undefined;
  /** Nothing can be made durable any more: take no new sessions. All that are here are closed at their newest states. */
  readonly onJournalFailed: () => void;
  /** Gates of the services that have one. */
  readonly gates: ReadonlyMap<bigint, AccessGate>;
  /** Opens what buyers seal for executions here; null: nothing. */
  readonly opener: SecretOpener | null;
}

/** What is known of a session without its newest status. */
type Opening = Pick<Session, "sessionId" | "params">;

/** How often it is looked whether journals can be forgotten; milliseconds. */
const PRUNE_MS = 60 * 60_000;
/** How often engines are told the time; milliseconds. */
const TICK_MS = 25;

/** All sessions of a provider that are not settled: hosts their engines and gets what was signed to the chain. */
export class SessionHost {
  readonly #options: SessionHostOptions;
  readonly #gate: CallGate;
  readonly #settler: Settler;
  readonly #watch: ChainWatch;
  readonly #demands: DemandDesk;
  readonly #sessions = new Map<Hex, HostedSession>();
  /** Restores in progress, so that two connections never make two engines of one session. */
  readonly #opening = new Map<Hex, Promise<HostedSession>>();
  /** Sessions whose state on chain may ask for a step of ours. */
  readonly #attention = new Set<Hex>();
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  #reviewing: Promise<void> | null = null;
  #reviewAgain = false;
  #stopped = false;
  #failed = false;

  constructor(options: SessionHostOptions) {
    this.#options = options;
    this.#gate = new CallGate(options.executor, options.policy);
    this.#settler = new Settler(options);
    this.#watch = new ChainWatch(options.client, options.deployment);
    this.#demands = new DemandDesk(options);
  }

  /** What became of calls. */
  get calls(): CallStats {
    return this.#gate.stats;
  }

  /** Credits at risk in all sessions together: work that no state with both signatures covers. */
  get unsignedCredits(): bigint {
    let credits = 0n;
    for (const { engine } of this.#sessions.values()) credits += engine.exposure;
    return credits;
  }

  /** Sessions that one account has open. */
  sizeOf(buyer: Address): number {
    const account = buyer.toLowerCase();
    let count = 0;
    for (const { params } of this.#sessions.values()) if (params.buyer.toLowerCase() === account) count++;
    return count;
  }

  get size(): number {
    return this.#sessions.size;
  }

  get attached(): number {
    return [...this.#sessions.values()].filter((session) => session.attached).length;
  }

  /** Those that are not settled. */
  hosted(): Iterable<HostedSession> {
    return this.#sessions.values();
  }

  /** The chain's newest time as far as it was seen; unix seconds. */
  get chainTime(): bigint {
    return this.#watch.timestamp;
  }

  /**
   * Takes up all sessions that the chain knows and that aren't settled: those of an earlier run, so that their states
   * reach the chain in time, and those that nobody ever attached, so that their bonds come free again.
   */
  async start(): Promise<void> {
    const { client, deployment, owner, policy } = this.#options;
    await this.#watch.poll(async () => {});
    for (const opening of await listUnsettledSessions(client, deployment, { provider: owner })) {
      await this.#takeUp(opening);
    }
    this.#timers.push(
      setInterval(() => this.#tick(), TICK_MS),
      setInterval(() => this.#review(), policy.reviewMs),
      setInterval(() => void this.#prune(), PRUNE_MS),
    );
    void this.#prune();
  }

  /** The session that was admitted. @throws provider/service-not-served */
  async open(onChain: Opening): Promise<HostedSession> {
    const { serviceId } = onChain.params;
    if (this.#options.serviceOf(serviceId) === undefined) {
      throw new DemecError("provider/service-not-served", `Service ${serviceId} is not served here.`, {
        details: { serviceId },
      });
    }
    return this.#host(onChain);
  }

  /**
   * Takes no new calls, lets those that run be answered and signed for, and ends each session here as soon as nothing of
   * it is under way.
   * @returns sessions that were not so far after `timeoutMs`
   */
  async drain(timeoutMs: number): Promise<number> {
    const busy = new Set(this.#sessions.values());
    for (const session of busy) session.drain();
    for (const end = performance.now() + timeoutMs; ; ) {
      for (const session of busy) {
        if (!session.quiet) continue;
        session.end();
        busy.delete(session);
      }
      if (busy.size === 0 || performance.now() >= end) return busy.size;
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
  }

  /** Ends all part in sessions, in this process, and waits until what was signed is durable. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    await Promise.allSettled(this.#opening.values());
    for (const session of this.#sessions.values()) session.retire();
    await this.#reviewing;
    await this.#demands.stop();
    await Promise.all([...this.#sessions.values()].map((session) => session.settled()));
  }

  /** Makes the one engine of a session, from the journal where it has been before. */
  #host(onChain: Opening): Promise<HostedSession> {
    const { sessionId } = onChain;
    const session = this.#sessions.get(sessionId);
    if (session !== undefined) return Promise.resolve(session);
    let opening = this.#opening.get(sessionId);
    if (opening === undefined) {
      opening = this.#restore(onChain).finally(() => this.#opening.delete(sessionId));
      this.#opening.set(sessionId, opening);
    }
    return opening;
  }

  async #restore(onChain: Opening): Promise<HostedSession> {
    const { client, deployment, journal, policy, operatorPrivateKey, logger, serviceOf, gates, opener } = this.#options;
    const { sessionId, params } = onChain;
    const service = serviceOf(params.serviceId)?.terms ?? (await getService(client, deployment, params.serviceId));
    const domain = { chainId: deployment.chainId, verifyingContract: deployment.escrow };
    const engine = new ProviderSession({
      terms: sessionTerms({ sessionId, params, service }, { domain, moduleHash: moduleHashOf(service) }),
      policy: policy.exposure(params.credits),
      operatorPrivateKey,
      restored: await journal.load(sessionId),
    });
    if (this.#stopped) throw new DemecError("provider/stops", "This provider stops.");
    const session = new HostedSession({
      onChain,
      engine,
      journal,
      executor: this.#gate,
      guard: new CallGuard(gates.get(params.serviceId), opener, callerOf(deployment, params)),
      maxDeadlineMs: policy.maxDeadlineMs,
      now: () => performance.now(),
      onFinal: () => this.#attend(sessionId),
      onHalt: (code, message) => {
        logger.warn({ sessionId, code, message }, "session halted: it will be settled at its newest state");
        this.#end(sessionId);
      },
      onBroken: (error) => {
        logger.error({ sessionId, error }, "session broke down: it will be settled at its newest state");
        this.#end(sessionId);
        if (isDemecError(error, "session/journal-failed")) this.#journalFailed();
      },
    });
    this.#sessions.set(sessionId, session);
    // A halt of an earlier run is not told again.
    if (engine.halted !== null) this.#end(sessionId);
    const { buyer, credits, value } = params;
    logger.info({ sessionId, buyer, credits, value }, "session hosted");
    return session;
  }

  /** Hosts a session that nobody has asked for yet; one that can't be hosted is no reason to serve no others. */
  async #takeUp(opening: Opening): Promise<void> {
    const { logger, operator, serviceOf } = this.#options;
    const { sessionId, params } = opening;
    if (params.operator.toLowerCase() !== operator.toLowerCase()) {
      logger.warn({ sessionId, operator: params.operator }, "a session of another operator key is open");
      return;
    }
    try {
      await this.#host(opening);
      if (serviceOf(params.serviceId) === undefined || this.#failed) this.#end(sessionId);
      else this.#attend(sessionId);
    } catch (error) {
      logger.error({ sessionId, error }, "a session can't be taken up; settle it by hand");
    }
  }

  #tick(): void {
    for (const session of this.#sessions.values()) session.tick();
  }

  #end(sessionId: Hex): void {
    this.#sessions.get(sessionId)?.end();
    this.#settler.end(sessionId);
    this.#attend(sessionId);
  }

  /** What can't be written can't be signed for: each further call would be work for nothing. */
  #journalFailed(): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#options.logger.error(
      { sessions: this.#sessions.size },
      "the journal can't be written: no more sessions are taken, and all are closed at their newest states",
    );
    this.#options.onJournalFailed();
    for (const sessionId of this.#sessions.keys()) this.#end(sessionId);
  }

  #attend(sessionId: Hex): void {
    this.#attention.add(sessionId);
    this.#review();
  }

  /** Looks at the chain; asked for meanwhile, once more afterwards. */
  #review(): void {
    this.#reviewAgain = true;
    this.#reviewing ??= (async () => {
      while (this.#reviewAgain && !this.#stopped) {
        this.#reviewAgain = false;
        await this.#lookAtChain();
        await this.#demands.review();
        for (const sessionId of [...this.#attention]) if (!this.#stopped) await this.#step(sessionId);
      }
      this.#reviewing = null;
    })();
  }

  /** Forgets journals of sessions that nothing can happen to any more. */
  async #prune(): Promise<void> {
    const { client, deployment, journal, policy, logger } = this.#options;
    try {
      const sessionIds = (await journal.list()).filter((sessionId) => !this.#sessions.has(sessionId));
      const seconds = policy.keepSettledSeconds;
      for (const sessionId of await listLongSettled(client, deployment, { sessionIds, seconds })) {
        if (this.#stopped) return;
        await journal.drop(sessionId);
        logger.info({ sessionId }, "the journal of a session that was settled long ago is forgotten");
      }
    } catch (error) {
      if (!this.#stopped) logger.warn({ error }, "journals could not be pruned; it will be tried again");
    }
  }

  async #lookAtChain(): Promise<void> {
    const { policy, logger } = this.#options;
    try {
      await this.#watch.poll((event) => this.#hear(event));
    } catch (error) {
      logger.warn({ error }, "the chain could not be read; it will be tried again");
    }
    for (const session of this.#sessions.values()) {
      if (session.idleMs <= policy.idleCloseMs) continue;
      session.end();
      this.#settler.end(session.sessionId);
      this.#attention.add(session.sessionId);
    }
  }

  async #hear(event: SessionEvent): Promise<void> {
    const session = this.#sessions.get(event.sessionId);
    if (session !== undefined) {
      if (event.type === "opened") return;
      // A session that is being closed on chain does no further work: what would be signed might come too late.
      session.end();
      this.#attention.add(event.sessionId);
    } else if (event.type === "opened" && event.params.provider.toLowerCase() === this.#options.owner.toLowerCase()) {
      await this.#takeUpNew(event);
    }
  }

  /** An event of some blocks ago may tell of a session that has been settled and let go since. */
  async #takeUpNew(opening: Opening): Promise<void> {
    const { client, deployment } = this.#options;
    const { status } = await getSession(client, deployment, opening.sessionId);
    if (status !== "settled") await this.#takeUp(opening);
  }

  /** One step for one session; what fails is tried again at the next review. */
  async #step(sessionId: Hex): Promise<void> {
    const { logger } = this.#options;
    const session = this.#sessions.get(sessionId);
    if (session === undefined) {
      this.#attention.delete(sessionId);
      return;
    }
    try {
      // Only what is durable goes on chain: a restart must not know less than the chain.
      await session.settled();
      const status = await this.#settler.review(sessionId, session.engine.state);
      if (status !== "open") session.end();
      if (status !== "closing") this.#attention.delete(sessionId);
      if (status === "settled") this.#sessions.delete(sessionId);
    } catch (error) {
      if (isDemecError(error, "chain/unknown-session")) {
        logger.warn({ sessionId }, "a reorganisation of the chain took the session back");
        session.end();
        this.#settler.forget(sessionId);
        this.#attention.delete(sessionId);
        this.#sessions.delete(sessionId);
        return;
      }
      logger.warn({ sessionId, error }, "settlement step failed; it will be tried again");
    }
  }
}
