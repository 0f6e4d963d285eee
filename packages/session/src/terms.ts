import {
  type Address,
  assertTariff,
  assertUint,
  contentHash,
  DemecError,
  type ExecutionRequest,
  type Hex,
  type SigningDomain,
  type Tariff,
  UINT32_MAX,
  UINT128_MAX,
} from "@demec/protocol";

/** What both ends of a session read from the chain before they attach. Never changes while the session lives. */
export interface SessionTerms {
  readonly sessionId: Hex;
  /** Domain of `SlaEscrow`: session states are signed under it. */
  readonly domain: SigningDomain;
  /** Provider's key that signs states. */
  readonly operator: Address;
  /** Buyer's ephemeral key that co-signs them. */
  readonly sessionKey: Address;
  /** Credits of the whole session; uint128, 18 decimals. */
  readonly credits: bigint;
  /** SHA-256 of the service's module as published, 32 bytes; null: every call brings its own. */
  readonly moduleHash: Uint8Array | null;
  readonly tariff: Tariff;
  /** Latency that the service level promises; uint32 milliseconds, 0: no promise. */
  readonly maxLatencyMs: number;
}

/** What the chain has of a session and its service, as `@demec/chain` reads it. */
export interface SessionOnChain {
  readonly sessionId: Hex;
  readonly params: Pick<SessionTerms, "operator" | "sessionKey" | "credits">;
  readonly service: Pick<SessionTerms, "tariff"> & { readonly sla: Pick<SessionTerms, "maxLatencyMs"> };
}

/** The terms of a session that is on chain, under the domain of its escrow, for the module that its service names. */
export function sessionTerms(
  { sessionId, params, service }: SessionOnChain,
  { domain, moduleHash }: Pick<SessionTerms, "domain" | "moduleHash">,
): SessionTerms {
  const { operator, sessionKey, credits } = params;
  const { tariff, sla } = service;
  return { sessionId, domain, operator, sessionKey, credits, moduleHash, tariff, maxLatencyMs: sla.maxLatencyMs };
}

/** SHA-256 of the module that a call runs, once {@link assertCall} has accepted it. */
export function moduleOf({ moduleHash }: SessionTerms, { byContent }: ExecutionRequest): Uint8Array {
  return moduleHash ?? contentHash(byContent!.module!);
}

/**
 * Latency that is promised for a call; uint32 milliseconds, 0: none. Where something travels by content the buyer's own
 * line decides how long it takes, so no latency is promised, measured or priced.
 */
export function promisedLatencyMs({ maxLatencyMs }: SessionTerms, { byContent }: ExecutionRequest): number {
  return byContent === undefined ? maxLatencyMs : 0;
}

/** How much one side trusts the other, and when the provider asks for a signature. Each side chooses its own. */
export interface ExposurePolicy {
  /** Credits that may be at risk at once: worst case of calls in flight, plus all work that no full state covers yet. */
  readonly maxUnsignedCredits: bigint;
  /** Calls unanswered (buyer) or unacknowledged (provider) at once. */
  readonly maxInFlight: number;
  /**
   * Bytes of input of calls in flight at once. Provider: also bytes of results without their acknowledgement; beyond it the
   * oldest are written off.
   */
  readonly maxHeldBytes: number;
  /** Provider proposes a state when acknowledged work reaches this many credits, … */
  readonly checkpointCredits: bigint;
  /** … or this many calls, … */
  readonly checkpointCalls: number;
  /** … or when the oldest of it has waited this long; milliseconds. */
  readonly checkpointMs: number;
  /**
   * Provider: how far a claimed latency may exceed what it saw from a call's arrival to its acknowledgement, because
   * the way there took longer than the way back; milliseconds.
   */
  readonly latencySlackMs: number;
  /** Provider: longest ping it believes, where the tariff makes ping worth credits to the buyer; milliseconds. */
  readonly maxPingMs: number;
  /** Provider: a result unacknowledged for so long while attached is written off; milliseconds. */
  readonly ackTimeoutMs: number;
  /** Provider: this many refusals to sign in a row end the session. */
  readonly maxRejections: number;
}

/** Extra time that a buyer waits beyond a call's deadline before it answers the caller itself; milliseconds. */
export const DEADLINE_GRACE_MS = 1_000;

/** The default policy for a session of `credits`: a tenth of it unsigned at most, a state every quarter of that. */
export function defaultPolicy(credits: bigint, overrides: Partial<ExposurePolicy> = {}): ExposurePolicy {
  const maxUnsignedCredits = overrides.maxUnsignedCredits ?? (credits + 9n) / 10n;
  return {
    maxUnsignedCredits,
    maxInFlight: 1_024,
    maxHeldBytes: 64 << 20,
    checkpointCredits: (maxUnsignedCredits + 3n) / 4n,
    checkpointCalls: 4_096,
    checkpointMs: 250,
    latencySlackMs: 5_000,
    maxPingMs: 5_000,
    ackTimeoutMs: 10_000,
    maxRejections: 3,
    ...overrides,
  };
}

/** @throws protocol/out-of-range naming the first term that no session can have */
export function assertTerms(terms: SessionTerms): void {
  assertTariff(terms.tariff);
  assertUint("credits", terms.credits, UINT128_MAX);
  assertUint("maxLatencyMs", terms.maxLatencyMs, UINT32_MAX);
  if (terms.moduleHash !== null && terms.moduleHash.length !== 32) {
    throw new DemecError("protocol/out-of-range", `moduleHash has ${terms.moduleHash.length} bytes instead of 32.`);
  }
}

/** @throws protocol/out-of-range naming the first field of the policy that makes no sense */
export function assertPolicy(policy: ExposurePolicy): void {
  assertUint("maxUnsignedCredits", policy.maxUnsignedCredits, UINT128_MAX);
  assertUint("checkpointCredits", policy.checkpointCredits, UINT128_MAX);
  const millisecondsAndCounts = [
    "maxInFlight",
    "maxHeldBytes",
    "checkpointCalls",
    "checkpointMs",
    "latencySlackMs",
    "maxPingMs",
    "ackTimeoutMs",
    "maxRejections",
  ] as const;
  for (const name of millisecondsAndCounts) assertUint(name, policy[name], UINT32_MAX);
}
