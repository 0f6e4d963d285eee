import type { Address, CurvePoints, Hex, SessionState, Tariff, TipBps } from "@demec/protocol";
import type { Account, Chain, Client, Transport } from "viem";

/** Anything that can read: a viem public client, or any client with a transport. */
export type ReadClient = Client<Transport, Chain | undefined>;
/** A viem wallet client with its account. */
export type WriteClient = Client<Transport, Chain | undefined, Account>;

/** Service level: what a service promises and what a broken promise costs. Basis points are 1/10,000. */
export interface SlaTerms {
  /** Latency beyond which an invocation is a breach; 0: no promise. */
  readonly maxLatencyMs: number;
  /** Breaches that cost nothing, of invocations. */
  readonly toleranceBps: number;
  /** Of the earned value, at 100% excess breaches. */
  readonly rebateBps: number;
  /** Of the session's bond, at 100% excess breaches. */
  readonly bondPenaltyBps: number;
}

/** What a publisher creates a service from. */
export interface ServiceParams {
  /** SHA-256 of the module; zero: bring your own code. */
  readonly codeHash: Hex;
  /** Public key of the hypercore in which the module is found; zero: none. */
  readonly codeCore: Hex;
  readonly royaltyBps: number;
  readonly paymentToken: Address;
  readonly tariff: Tariff;
  readonly sla: SlaTerms;
  /** Seconds; 60 … 30 days. */
  readonly challengePeriod: number;
  /** Stake-token base units per whole credit. */
  readonly minBondPerCredit: bigint;
  readonly meterVersion: number;
  readonly curve: CurvePoints;
  readonly metadata: string;
}

export interface Service extends Omit<ServiceParams, "metadata"> {
  readonly serviceId: bigint;
  readonly publisher: Address;
}

/** Amounts are stake-token base units. Keys are those that hold now; `getProviderKeys` has what is announced. */
export interface Provider {
  readonly owner: Address;
  /** Zero address: none bound. */
  readonly operator: Address;
  readonly nodeKey: Hex;
  readonly regions: readonly string[];
  /** Own stake that is not unbonding, locked bonds included. */
  readonly staked: bigint;
  /** Locked behind sessions: own stake first, the rest is delegated. */
  readonly bonded: bigint;
  readonly unbonding: bigint;
  /** Unix time. */
  readonly releasableAt: bigint;
  /** Stake of others, on its way out or not. */
  readonly delegated: bigint;
  /** Greatest bond that a session without a bond penalty could lock, premium apart. */
  readonly free: bigint;
  readonly registered: boolean;
  /** May open sessions: registered, operator bound, minimum stake, no debt of a slash. */
  readonly active: boolean;
}

/** Keys of a provider: those that hold, and what was announced to replace them. Times are unix times; 0: nothing announced. */
export interface ProviderKeys {
  /** Zero address: none. */
  readonly operator: Address;
  readonly nextOperator: Address;
  readonly nextOperatorFrom: bigint;
  /** Zero: none. */
  readonly nodeKey: Hex;
  readonly nextNodeKey: Hex;
  readonly nextNodeKeyFrom: bigint;
}

/** What others have put behind a provider. Amounts are stake-token base units; basis points are 1/10,000. */
export interface DelegationPool {
  /** Stake of all shares, those on their way out included. */
  readonly assets: bigint;
  /** Part of it that can back new bonds. */
  readonly backing: bigint;
  readonly shares: bigint;
  readonly exitingShares: bigint;
  /** Rewards that vest in the running period. */
  readonly streaming: bigint;
  /** Rewards that vest in the next period. */
  readonly pending: bigint;
  /** What own stake pays for the part of a bond that delegated stake backs. */
  readonly premiumBps: number;
  /** What the provider keeps of `addReward`. */
  readonly commissionBps: number;
  readonly nextPremiumBps: number;
  readonly nextCommissionBps: number;
  /** Unix time from which the two `next…` hold; 0: nothing announced. */
  readonly termsFrom: bigint;
}

/** One delegator's part of a pool. */
export interface Delegation {
  readonly shares: bigint;
  readonly exitingShares: bigint;
  /** Stake-token base units that all its shares are worth now, rounded down. */
  readonly value: bigint;
  /** Unix time from which `exitingShares` can be withdrawn. */
  readonly releasableAt: bigint;
}

/** Static part of a session; its hash is the session id. */
export interface SessionParams {
  readonly offerDigest: Hex;
  readonly serviceId: bigint;
  readonly provider: Address;
  readonly operator: Address;
  readonly buyer: Address;
  readonly sessionKey: Address;
  readonly paymentToken: Address;
  /** 18 decimals. */
  readonly credits: bigint;
  /** Payment-token base units in escrow for all the credits. */
  readonly value: bigint;
  /** Stake-token base units. */
  readonly bond: bigint;
  readonly openedAt: bigint;
  readonly challengePeriod: number;
  readonly toleranceBps: number;
  readonly rebateBps: number;
  readonly bondPenaltyBps: number;
  readonly demandMaxInputBytes: number;
  readonly demandWindow: number;
  readonly demandDeposit: bigint;
}

export type SessionStatus = "open" | "closing" | "settled";

/** A session as the chain has it. */
export interface Session {
  readonly sessionId: Hex;
  readonly params: SessionParams;
  readonly status: SessionStatus;
  /** Unix time from which a closing session can be finished; 0 unless closing. */
  readonly deadline: number;
  /** Of the newest state that the chain has seen; 0: none. */
  readonly seq: bigint;
  /** Payment-token base units the provider got by `collect`. */
  readonly collected: bigint;
  /** Block in which it was opened. */
  readonly openedInBlock: bigint;
}

/** How a session ended. */
export interface Settlement {
  readonly sessionId: Hex;
  readonly provider: Address;
  readonly buyer: Address;
  readonly state: SessionState;
  /** Payment-token base units; what was collected before is included. */
  readonly providerAmount: bigint;
  readonly buyerAmount: bigint;
  /** Stake-token base units that became the buyer's compensation. */
  readonly bondPenalty: bigint;
}

/** A limit-sell order that still has something to sell or to claim. Credits have 18 decimals. */
export interface LimitOrder {
  /** Within a service, the order with the lower id goes first. */
  readonly orderId: bigint;
  readonly serviceId: bigint;
  readonly owner: Address;
  /** Least to get for every credit, tip taken off; payment-token base units per whole credit × 1e18. */
  readonly priceWad: bigint;
  /** Most that whoever fills it gets of the proceeds, 1/10,000. */
  readonly tipBps: TipBps;
  /** Credits that wait to be sold. */
  readonly waiting: bigint;
  /** Credits that were sold and whose proceeds were not yet claimed. */
  readonly sold: bigint;
  /** Payment-token base units to claim. */
  readonly proceeds: bigint;
}

/** What every write returns beside its own result. */
export interface Mined {
  readonly transactionHash: Hex;
  readonly blockNumber: bigint;
  readonly gasUsed: bigint;
}
