import { defaultPolicy, type ExposurePolicy } from "@demec/session";
import { type ContentPolicy, DEFAULT_CONTENT_POLICY } from "./content/policy.ts";
import type { StrangerPolicy } from "./doorkeeper.ts";

/** What a demand may ask for and what it costs its sender. */
export interface DemandTerms {
  /** Largest input, with arguments and environment; uint32 bytes, > 0. */
  readonly maxInputBytes: number;
  /** Largest output that is put on chain; a longer one is refused. */
  readonly maxOutputBytes: number;
  /** Time to answer; uint32 seconds, > 0. Many times `reviewMs` and the longest call. */
  readonly windowSeconds: number;
  /**
   * Payment-token base units. An answer earns all of it, a refusal half: twice the gas of a refusal, and the gas of an
   * answer of `maxOutputBytes`, at the highest price of gas to be expected.
   */
  readonly deposit: bigint;
}

/** What a provider is willing to sell, and how far it trusts a stranger. */
export interface ProviderPolicy {
  /** Sessions at once, over all buyers. */
  readonly maxSessions: number;
  /** Sessions of one buyer at once. */
  readonly maxSessionsPerBuyer: number;
  /** Least and most credits of one session; 18 decimals. */
  readonly minCredits: bigint;
  readonly maxCredits: bigint;
  /** Least escrow value of one whole credit; payment-token base units × 1e18. 0: any price on the curve. */
  readonly minValuePerCredit: bigint;
  /** Stake offered for one whole credit beyond what the service asks; stake-token base units. */
  readonly bondPerCredit: bigint;
  /** How long an offer may be opened; seconds. */
  readonly offerTtlSeconds: number;
  /** Blocks on top of the opening's before a session counts. */
  readonly confirmations: number;
  /** Wall-clock backstop of one call, whatever its sender asks; milliseconds. */
  readonly maxDeadlineMs: number;
  /** Calls of one buyer that may run or wait at once, over all its sessions. */
  readonly maxCallsPerBuyer: number;
  /** Calls of one buyer a second, over all its sessions, and so many at once after a quiet second. */
  readonly callsPerSecondPerBuyer: number;
  /** How often the chain is looked at; milliseconds. A small part of the shortest challenge period (60 s). */
  readonly reviewMs: number;
  /** How long a buyer may stay away before its session is brought to the chain; milliseconds. */
  readonly idleCloseMs: number;
  /** How long the journal of a session is kept after its settlement is final; seconds of the chain. */
  readonly keepSettledSeconds: number;
  readonly strangers: StrangerPolicy;
  readonly content: ContentPolicy;
  /** Demands on chain that offers consent to; null: none. */
  readonly demands: DemandTerms | null;
  /** Trust in the buyer of a session of so many credits. */
  readonly exposure: (sessionCredits: bigint) => ExposurePolicy;
}

/** What suits a machine that does nothing else. */
export const DEFAULT_POLICY: ProviderPolicy = {
  maxSessions: 1_000,
  maxSessionsPerBuyer: 64,
  minCredits: 1n,
  maxCredits: 2n ** 96n - 1n,
  minValuePerCredit: 0n,
  bondPerCredit: 0n,
  offerTtlSeconds: 300,
  confirmations: 0,
  maxDeadlineMs: 60_000,
  maxCallsPerBuyer: 1_024,
  callsPerSecondPerBuyer: 50_000,
  reviewMs: 2_000,
  idleCloseMs: 24 * 3_600_000,
  keepSettledSeconds: 7 * 86_400,
  strangers: {
    ...{ maxConnections: 1_024, maxConnectionsPerHost: 256, idleMs: 60_000 },
    // After a restart all buyers are strangers, once.
    ...{ connectionsPerSecond: 50, connectionBurst: 1_000, requestsPerSecond: 50, requestBurst: 1_000 },
  },
  content: DEFAULT_CONTENT_POLICY,
  // What a deposit must be depends on the payment token and on the price of gas: the operator's to say.
  demands: null,
  exposure: (credits) => defaultPolicy(credits),
};
