import {
  type Purchase,
  priceAt,
  quoteBuy,
  quoteSell,
  type Sale,
  type Service as ServiceTerms,
  type SettlementProgress,
  sellCredits,
  withdrawClaim,
} from "@demec/chain";
import { DemecError, type Hex, isDemecError, type ServiceMetadata } from "@demec/protocol";
import type { BuyerContext } from "./context.ts";
import { Credits } from "./credits.ts";
import { Departure } from "./departure.ts";
import { Opener } from "./opener.ts";
import type { ServiceOptions } from "./options.ts";
import type { CallResult, PaidSession } from "./paidSession.ts";
import { type CallOptions, makeRequest } from "./request.ts";
import { nearestFirst } from "./selection.ts";

const NO_KEYS: ReadonlySet<Hex> = new Set();
const ONE_CREDIT = 10n ** 18n;
/** Sessions tried for one call at most. */
const MAX_ATTEMPTS = 4;

/** Ends of a session after which another session may do the same call: invocations are pure. */
const TRY_AGAIN = new Set(["sdk/provider-lost", "sdk/session-halted", "sdk/session-released", "sdk/session-ended"]);
/** Of these, those after which the same provider is none to try. */
const TRY_ELSEWHERE = new Set(["sdk/provider-lost", "sdk/session-halted"]);
/** The session takes no more, and is to be settled. */
const USED_UP = new Set(["session/insufficient-credits", "session/closing"]);

/** One service, as its buyer uses it: priced, bought, called, left, sold back. */
export class Service {
  /** CAIP-19 id. */
  readonly name: string;
  readonly terms: ServiceTerms;
  readonly metadata: ServiceMetadata;
  readonly #context: BuyerContext;
  readonly #credits: Credits;
  readonly #opener: Opener;
  readonly #departure: Departure;
  readonly #sessionCredits: bigint;
  readonly #open = new Set<PaidSession>();
  #opening: Promise<PaidSession> | null = null;
  #resuming: Promise<void> | null = null;
  /** How many `close` are under way. */
  #leaving = 0;

  constructor(
    context: BuyerContext,
    name: string,
    terms: ServiceTerms,
    metadata: ServiceMetadata,
    options: ServiceOptions,
  ) {
    this.name = name;
    this.terms = terms;
    this.metadata = metadata;
    this.#context = context;
    this.#sessionCredits = options.sessionCredits ?? ONE_CREDIT;
    const slippageBps = options.slippageBps ?? 100;
    this.#credits = new Credits({ ...context, terms, budget: options.budget ?? 0n, slippageBps });
    this.#departure = new Departure(context);
    this.#opener = new Opener({
      context,
      terms,
      slippageBps,
      exposure: options.exposure,
      find: { serviceName: name, region: options.region, select: options.select ?? nearestFirst },
      ensureCredits: (credits) => this.#credits.ensure(credits),
      onStranded: (session) => this.#departure.strand(session),
    });
  }

  /** Price now; payment-token base units per whole credit × 1e18. */
  price(): Promise<bigint> {
    return priceAt(this.#context.client, this.#context.deployment, { serviceId: this.terms.serviceId });
  }

  /** What buying `credits` would cost now, fees included; payment-token base units. */
  async quote(credits: bigint): Promise<bigint> {
    const { client, deployment } = this.#context;
    return (await quoteBuy(client, deployment, { serviceId: this.terms.serviceId, credits })).cost;
  }

  /** Credits in the wallet; 18 decimals. */
  credits(): Promise<bigint> {
    return this.#credits.balance();
  }

  /**
   * Buys credits along the curve.
   * @param maxCost most to pay, fees included; payment-token base units
   * @throws chain/slippage, chain/insufficient-funds
   */
  buy(credits: bigint, maxCost: bigint): Promise<Purchase> {
    return this.#context.spending.run(() => this.#credits.buy(credits, maxCost));
  }

  /**
   * Sells credits back along the curve.
   * @param minProceeds least to get; payment-token base units; what the curve yields now when left out
   * @throws chain/slippage, chain/insufficient-credits
   */
  async sell(credits: bigint, minProceeds?: bigint): Promise<Sale> {
    const { client, wallet, deployment, spending } = this.#context;
    const { serviceId } = this.terms;
    const least = minProceeds ?? (await quoteSell(client, deployment, { serviceId, credits }));
    return spending.run(() => sellCredits(wallet, deployment, { serviceId, credits, minProceeds: least }));
  }

  /** Sends to the wallet what settled sessions have left for it in the market. @throws chain/nothing-to-withdraw */
  async withdraw(): Promise<bigint> {
    const { wallet, deployment, spending } = this.#context;
    const { paymentToken: token } = this.terms;
    return (await spending.run(() => withdrawClaim(wallet, deployment, { token }))).amount;
  }

  /**
   * Calls the function and gives its output. Opens a session when there is none, buying what is missing within the
   * budget; moves to another provider when one is lost.
   * @throws sdk/execution-failed when it ended otherwise than ok (charged: the work was done); its details tell how
   * @throws sdk/over-budget, sdk/no-provider, sdk/call-fault, … when it could not be run (not charged)
   */
  async call(input: Uint8Array | string, options: CallOptions = {}): Promise<Uint8Array> {
    const result = await this.invoke(input, options);
    const { status, exitCode, usage, credits, stderr, output } = result;
    if (status === "ok") return output;
    throw new DemecError(
      "sdk/execution-failed",
      status === "exitCode" ? `The function exited with code ${exitCode}.` : `The function ended with ${status}.`,
      { details: { status, exitCode, usage, credits, stderr: new TextDecoder().decode(stderr) } },
    );
  }

  /**
   * Like {@link call}, but gives every deterministic end, with its receipt and cost.
   * @throws the reason of `signal` when it fires
   */
  async invoke(input: Uint8Array | string, options: CallOptions = {}): Promise<CallResult> {
    const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
    const request = makeRequest(bytes, options, this.metadata);
    let failed = NO_KEYS;
    for (let attempt = 1; ; attempt++) {
      options.signal?.throwIfAborted();
      const session = this.#usable(failed) ?? (await this.session(failed));
      try {
        return await session.invoke(request, { deadlineMs: options.deadlineMs ?? 30_000, signal: options.signal });
      } catch (error) {
        if (!isDemecError(error) || attempt === MAX_ATTEMPTS) throw error;
        if (TRY_AGAIN.has(error.code)) {
          if (TRY_ELSEWHERE.has(error.code)) failed = new Set([...failed, session.nodeKey]);
          this.#strand(session);
        } else if (USED_UP.has(error.code)) {
          // Settle it while the call goes on in the next one.
          if (this.#open.delete(session)) this.#departure.begin(session);
        } else {
          throw error;
        }
      }
    }
  }

  /**
   * An attached session: one that is open, one that an earlier process left, or a new one.
   * @param exclude node keys of providers not to use
   * @throws sdk/over-budget, sdk/no-provider, …; sdk/session-released while the service is being closed
   */
  async session(exclude: ReadonlySet<Hex> = new Set()): Promise<PaidSession> {
    await this.#resume();
    const session = this.#usable(exclude);
    if (session !== null) return session;
    if (this.#leaving > 0) throw new DemecError("sdk/session-released", `Service ${this.name} is being left.`);
    this.#opening ??= this.#openOne(exclude).finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /**
   * Leaves all sessions: with a final state where the provider answers, else alone. Calls under way are finished first;
   * the service can be used again afterwards.
   * @returns every settlement since the last time, and how far the sessions are that are left alone: call again after
   * their deadlines
   */
  async close(): Promise<SettlementProgress[]> {
    this.#leaving++;
    try {
      await this.#resume();
      await this.#opening?.catch(() => undefined);
      for (const session of this.#open) this.#departure.begin(session);
      this.#open.clear();
      return await this.#departure.finish();
    } finally {
      this.#leaving--;
    }
  }

  /** A session that is open here already, or null. */
  #usable(exclude: ReadonlySet<Hex>): PaidSession | null {
    for (const session of this.#open) {
      if (session.lost !== null) this.#strand(session);
      else if (!exclude.has(session.nodeKey)) return session;
    }
    return null;
  }

  async #openOne(exclude: ReadonlySet<Hex>): Promise<PaidSession> {
    const session = await this.#opener.open(this.#sessionCredits, exclude);
    this.#open.add(session);
    return session;
  }

  /** Takes up, once, this buyer's sessions of this service that an earlier process left. */
  #resume(): Promise<void> {
    this.#resuming ??= this.#opener.resume().then(
      (sessions) => {
        for (const session of sessions) this.#open.add(session);
      },
      (error) => {
        this.#resuming = null;
        throw error;
      },
    );
    return this.#resuming;
  }

  #strand(session: PaidSession): void {
    if (!this.#open.delete(session)) return;
    this.#departure.strand(session);
    void session.release();
  }
}
