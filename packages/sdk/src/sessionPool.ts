import type { SettlementProgress } from "@demec/chain";
import { DemecError, type Hex } from "@demec/protocol";
import type { Departure } from "./departure.ts";
import type { Opener } from "./opener.ts";
import type { PaidSession } from "./paidSession.ts";
import type { ProviderHistory } from "./providerHistory.ts";

/** A provider that is away for so long is replaced, where sessions are kept warm; milliseconds. */
const REPLACE_AFTER_MS = 5_000;
/** Ends of a session that no honest provider brings about: this client opens no other one with it. */
const CHEATING = new Set([
  "session/foreign-key",
  "session/implausible-usage",
  "session/out-of-order",
  "session/state-mismatch",
]);
/** Time until the next attempt where none could be opened; milliseconds. */
const WARM_RETRY_MS = 30_000;

export interface SessionPoolOptions {
  readonly serviceName: string;
  readonly opener: Opener;
  readonly departure: Departure;
  readonly history: ProviderHistory;
  /** Credits of each session that is opened; 18 decimals. */
  readonly sessionCredits: bigint;
  /** Sessions, each with another provider, that are kept attached once one was asked for. */
  readonly warm: number;
}

/**
 * The sessions of one service: one serves, others may be kept warm beside it. Calls that wait for a silent provider are
 * moved to one that answers; a provider that comes back is taken up again, or left with what it is due.
 */
export class SessionPool {
  readonly #options: SessionPoolOptions;
  /** The first that is ready serves. */
  readonly #sessions: PaidSession[] = [];
  /** Node keys of providers that were caught. */
  readonly #cheats = new Set<Hex>();
  #opening: { readonly session: Promise<PaidSession>; readonly inBackground: boolean } | null = null;
  #resuming: Promise<void> | null = null;
  /** How many `close` are under way. */
  #leaving = 0;
  #nextWarmMs = 0;

  constructor(options: SessionPoolOptions) {
    this.#options = options;
  }

  /** The serving session if it can take a call at once; else `acquire` finds one. */
  serving(exclude: ReadonlySet<Hex>): PaidSession | undefined {
    const [first] = this.#sessions;
    return first?.ready && !exclude.has(first.nodeKey) ? first : undefined;
  }

  /** Another session that can take a call at once, beside one whose provider has no room; none is opened for it. */
  beside(session: PaidSession, exclude: ReadonlySet<Hex>): PaidSession | undefined {
    return this.#sessions.find((other) => other !== session && other.ready && !exclude.has(other.nodeKey));
  }

  /**
   * A session for calls: one that is open, one that an earlier process left, or a new one.
   * @param exclude node keys of providers not to use
   * @throws sdk/over-budget, sdk/no-provider, …; sdk/session-released while all are being left
   */
  async acquire(exclude: ReadonlySet<Hex>): Promise<PaidSession> {
    await this.#resume();
    for (;;) {
      const session = this.#best(exclude);
      if (session !== undefined) {
        this.#keepWarm();
        return session;
      }
      const opening = this.#opening ?? this.#open(exclude, false);
      try {
        const opened = await opening.session;
        if (!exclude.has(opened.nodeKey)) return opened;
      } catch (error) {
        if (!opening.inBackground) throw error;
      }
    }
  }

  /** Opens what is missing to the sessions that are to be warm. @throws like `acquire` */
  async warmUp(): Promise<void> {
    await this.acquire(new Set());
    while (this.#ready().length < this.#options.warm) await (this.#opening ?? this.#open(new Set(), false)).session;
  }

  /** What a session tells of itself: it may be better to call elsewhere. */
  changed(session: PaidSession): void {
    if (!this.#sessions.includes(session)) return;
    if (session.lost?.code === "sdk/session-released") {
      // On chain it stays open, for a later process.
      this.#remove(session);
      return;
    }
    const ready = this.#ready();
    if (!session.ready) this.#options.history.record(session.nodeKey, false);
    if (session.lost !== null) {
      const { code, details } = session.lost;
      if (code === "sdk/session-halted" && CHEATING.has(String(details.code))) this.#cheats.add(session.nodeKey);
      this.#strand(session);
    } else if (!session.ready) {
      if (ready.length > 0) {
        // It comes last from now on, or calls would go to and fro with a provider that stutters.
        this.#remove(session);
        this.#sessions.push(session);
        session.yieldCalls();
      }
    } else if (ready.length > this.#options.warm) {
      // It is back, and has been replaced.
      this.retire(session);
    }
    this.#keepWarm();
  }

  /** A paid session whose provider is away: it may come back. */
  add(session: PaidSession): void {
    this.#sessions.push(session);
  }

  /** It takes no more calls, and is settled while they go on in others. */
  retire(session: PaidSession): void {
    if (this.#remove(session)) this.#options.departure.begin(session);
  }

  /** Leaves all sessions. @returns see `Departure.finish` */
  async close(): Promise<SettlementProgress[]> {
    this.#leaving++;
    try {
      await this.#resume();
      await this.#opening?.session.catch(() => undefined);
      for (const session of [...this.#sessions]) this.retire(session);
      return await this.#options.departure.finish();
    } finally {
      this.#leaving--;
    }
  }

  #ready(): PaidSession[] {
    return this.#sessions.filter((session) => session.ready);
  }

  /** Where there is none that is ready, one that is silent, or about to be reconnected, is better than to buy another. */
  #best(exclude: ReadonlySet<Hex>): PaidSession | undefined {
    const usable = this.#sessions.filter((session) => session.absentMs === 0 && !exclude.has(session.nodeKey));
    return usable.find((session) => session.ready) ?? usable.find((session) => session.attached) ?? usable[0];
  }

  #open(exclude: ReadonlySet<Hex>, inBackground: boolean) {
    if (this.#leaving > 0) {
      throw new DemecError("sdk/session-released", `Service ${this.#options.serviceName} is being left.`);
    }
    const session = this.#openOne(exclude).finally(() => {
      this.#opening = null;
    });
    this.#opening = { session, inBackground };
    return this.#opening;
  }

  async #openOne(exclude: ReadonlySet<Hex>): Promise<PaidSession> {
    const { opener, sessionCredits } = this.#options;
    try {
      const taken = this.#sessions.map(({ nodeKey }) => nodeKey);
      const session = await opener.open(sessionCredits, new Set([...exclude, ...taken, ...this.#cheats]));
      this.#sessions.push(session);
      return session;
    } catch (error) {
      // A provider that was away may be back before the next attempt to reach it is due.
      const away = this.#sessions.filter((session) => session.absentMs > 0 && !exclude.has(session.nodeKey));
      const back = away.map(async (session) => {
        await session.reattach();
        return session;
      });
      return Promise.any(back).catch(() => {
        throw error;
      });
    }
  }

  #keepWarm(): void {
    const { warm } = this.#options;
    const kept = this.#sessions.filter((session) => session.absentMs < REPLACE_AFTER_MS);
    const idle = this.#sessions.length === 0 || this.#leaving > 0;
    if (idle || this.#opening !== null || kept.length >= warm || performance.now() < this.#nextWarmMs) return;
    this.#open(new Set(), true).session.then(
      () => this.#keepWarm(),
      () => {
        this.#nextWarmMs = performance.now() + WARM_RETRY_MS;
      },
    );
  }

  /** Takes up, once, this buyer's sessions of this service that an earlier process left. */
  #resume(): Promise<void> {
    this.#resuming ??= this.#options.opener.resume().then(
      (sessions) => void this.#sessions.push(...sessions),
      (error) => {
        this.#resuming = null;
        throw error;
      },
    );
    return this.#resuming;
  }

  #strand(session: PaidSession): void {
    if (!this.#remove(session)) return;
    this.#options.departure.strand(session);
    void session.release();
  }

  #remove(session: PaidSession): boolean {
    const index = this.#sessions.indexOf(session);
    if (index >= 0) this.#sessions.splice(index, 1);
    return index >= 0;
  }
}
