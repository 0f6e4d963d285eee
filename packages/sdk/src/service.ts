import {
  advanceSettlement,
  getSession,
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
import { Credits } from "./credits.ts";
import { Opener } from "./opener.ts";
import type { DemecOptions, ServiceOptions } from "./options.ts";
import type { CallResult, PaidSession } from "./paidSession.ts";
import { type CallOptions, makeRequest } from "./request.ts";
import { nearestFirst } from "./selection.ts";
import { settleFinal } from "./settle.ts";

const ONE_CREDIT = 10n ** 18n;
/** Providers tried for one call at most. */
const MAX_ATTEMPTS = 4;
/** How long a provider may take for the final state, and then to bring it to the chain; milliseconds. */
const FINAL_MS = 10_000;
const PATIENCE_MS = 10_000;

/** Ends of a session after which another session may do the same call: invocations are pure. */
const TRY_ELSEWHERE = new Set(["sdk/provider-lost", "sdk/session-halted", "sdk/session-released"]);

/** One service, as its buyer uses it: priced, bought, called, left, sold back. */
export class Service {
  /** CAIP-19 id. */
  readonly name: string;
  readonly terms: ServiceTerms;
  readonly metadata: ServiceMetadata;
  readonly #demec: DemecOptions;
  readonly #credits: Credits;
  readonly #opener: Opener;
  readonly #sessionCredits: bigint;
  readonly #open = new Set<PaidSession>();
  /** Paid for and out of reach: to be left on chain. */
  readonly #stranded = new Set<PaidSession>();
  #opening: Promise<PaidSession> | null = null;
  #resumed = false;

  constructor(
    demec: DemecOptions,
    name: string,
    terms: ServiceTerms,
    metadata: ServiceMetadata,
    options: ServiceOptions,
  ) {
    this.name = name;
    this.terms = terms;
    this.metadata = metadata;
    this.#demec = demec;
    this.#sessionCredits = options.sessionCredits ?? ONE_CREDIT;
    const slippageBps = options.slippageBps ?? 100;
    this.#credits = new Credits({ ...demec, terms, budget: options.budget ?? 0n, slippageBps });
    this.#opener = new Opener({
      ...demec,
      terms,
      slippageBps,
      exposure: options.exposure,
      find: { serviceName: name, region: options.region, select: options.select ?? nearestFirst },
      onStranded: (session) => this.#stranded.add(session),
    });
  }

  /** Price now; payment-token base units per whole credit × 1e18. */
  price(): Promise<bigint> {
    return priceAt(this.#demec.client, this.#demec.deployment, { serviceId: this.terms.serviceId });
  }

  /** What buying `credits` would cost now, fees included; payment-token base units. */
  async quote(credits: bigint): Promise<bigint> {
    const { client, deployment } = this.#demec;
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
    return this.#credits.buy(credits, maxCost);
  }

  /**
   * Sells credits back along the curve.
   * @param minProceeds least to get; payment-token base units; what the curve yields now when left out
   * @throws chain/slippage, chain/insufficient-credits
   */
  async sell(credits: bigint, minProceeds?: bigint): Promise<Sale> {
    const { client, wallet, deployment } = this.#demec;
    const { serviceId } = this.terms;
    const least = minProceeds ?? (await quoteSell(client, deployment, { serviceId, credits }));
    return sellCredits(wallet, deployment, { serviceId, credits, minProceeds: least });
  }

  /** Sends to the wallet what settled sessions have left for it in the market. @throws chain/nothing-to-withdraw */
  async withdraw(): Promise<bigint> {
    const { wallet, deployment } = this.#demec;
    return (await withdrawClaim(wallet, deployment, { token: this.terms.paymentToken })).amount;
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

  /** Like {@link call}, but gives every deterministic end, with its receipt and cost. */
  async invoke(input: Uint8Array | string, options: CallOptions = {}): Promise<CallResult> {
    const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
    const request = makeRequest(bytes, options, this.metadata);
    const failed = new Set<Hex>();
    for (let attempt = 1; ; attempt++) {
      const session = await this.session(failed);
      try {
        return await session.invoke(request, { deadlineMs: options.deadlineMs ?? 30_000, signal: options.signal });
      } catch (error) {
        if (!isDemecError(error) || attempt === MAX_ATTEMPTS) throw error;
        if (TRY_ELSEWHERE.has(error.code)) {
          failed.add(session.nodeKey);
          this.#strand(session);
        } else if (error.code === "session/insufficient-credits" || error.code === "session/closing") {
          // Used up: settle it while the call goes on in the next one.
          this.#open.delete(session);
          void this.#closeOne(session).catch(() => this.#stranded.add(session));
        } else {
          throw error;
        }
      }
    }
  }

  /**
   * An attached session: one that is open, one that an earlier process left, or a new one.
   * @param exclude node keys of providers not to use
   */
  async session(exclude: ReadonlySet<Hex> = new Set()): Promise<PaidSession> {
    for (const session of this.#open) {
      if (session.lost !== null) this.#strand(session);
      else if (!exclude.has(session.nodeKey)) return session;
    }
    this.#opening ??= this.#openOne(exclude).finally(() => {
      this.#opening = null;
    });
    return this.#opening;
  }

  /**
   * Leaves all sessions: with a final state where the provider answers, else alone.
   * @returns how far each settlement is; call again after the deadlines of those that are closing
   */
  async close(): Promise<SettlementProgress[]> {
    if (!this.#resumed) await this.#resume();
    const open = [...this.#open];
    this.#open.clear();
    const closed = await Promise.all(open.map((session) => this.#closeOne(session)));
    const left: SettlementProgress[] = [];
    for (const session of [...this.#stranded]) {
      const progress = await this.#leave(session);
      if (progress.type === "settled") this.#stranded.delete(session);
      left.push(progress);
    }
    return [...closed, ...left];
  }

  async #openOne(exclude: ReadonlySet<Hex>): Promise<PaidSession> {
    if (!this.#resumed) {
      await this.#resume();
      for (const session of this.#open) if (!exclude.has(session.nodeKey)) return session;
    }
    await this.#credits.ensure(this.#sessionCredits);
    const session = await this.#opener.open(this.#sessionCredits, exclude);
    this.#open.add(session);
    return session;
  }

  /** Takes up this buyer's sessions of this service that the journal knows. */
  async #resume(): Promise<void> {
    this.#resumed = true;
    const { client, wallet, deployment, journal } = this.#demec;
    for (const sessionId of await journal.list()) {
      const { params, status } = await getSession(client, deployment, sessionId);
      if (status === "settled" || params.serviceId !== this.terms.serviceId) continue;
      if (params.buyer.toLowerCase() !== wallet.account.address.toLowerCase()) continue;
      const session = await this.#opener.resume(sessionId, params);
      if (session !== null) this.#open.add(session);
    }
  }

  #strand(session: PaidSession): void {
    this.#open.delete(session);
    this.#stranded.add(session);
    void session.release();
  }

  async #closeOne(session: PaidSession): Promise<SettlementProgress> {
    try {
      const final = await session.finalise(FINAL_MS);
      const settlement = await settleFinal(this.#demec, session.sessionId, final, PATIENCE_MS);
      return { type: "settled", settlement };
    } catch {
      this.#stranded.add(session);
      return await this.#leave(session);
    } finally {
      await session.release();
    }
  }

  /** Alone, by the newest durable state. */
  async #leave(session: PaidSession): Promise<SettlementProgress> {
    const { client, wallet, deployment } = this.#demec;
    await session.release();
    const { sessionId, state } = session;
    return advanceSettlement(client, wallet, deployment, { sessionId, newest: state, end: true });
  }
}
