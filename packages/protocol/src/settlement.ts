/** What of a session and of its newest state decides who gets what. Amounts in base units, shares in 1/10,000. */
export interface SettlementInput {
  /** Escrow value of all the credits; uint128. */
  readonly value: bigint;
  readonly credits: bigint;
  readonly bond: bigint;
  readonly toleranceBps: number;
  readonly rebateBps: number;
  readonly bondPenaltyBps: number;
  /** What the provider has already got. */
  readonly collected: bigint;
  readonly creditsUsed: bigint;
  readonly invocations: bigint;
  readonly breaches: bigint;
}

export interface SettlementAmounts {
  /** What was collected before is included. */
  readonly providerAmount: bigint;
  readonly buyerAmount: bigint;
  /** Of the bond; becomes the buyer's compensation. */
  readonly bondPenalty: bigint;
}

const BPS = 10_000n;
const min = (a: bigint, b: bigint): bigint => (a < b ? a : b);
const max = (a: bigint, b: bigint): bigint => (a > b ? a : b);
const divideUp = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;

/** Value of the work done: value·used/credits, rounded down; `used` counts up to `credits`. */
export function earnedDown(value: bigint, credits: bigint, used: bigint): bigint {
  return credits === 0n ? 0n : (value * min(used, credits)) / credits;
}

/** Breaches beyond the tolerated share of the invocations; there are at most as many breaches as invocations. */
export function excessBreaches(invocations: bigint, breaches: bigint, toleranceBps: number): bigint {
  return max(0n, min(breaches, invocations) - divideUp(invocations * BigInt(toleranceBps), BPS));
}

/** amount·rateBps/10⁴·excess/invocations, rounded up, at most `amount`: the rebate, and the bond penalty. */
export function shareUp(amount: bigint, rateBps: number, excess: bigint, invocations: bigint): bigint {
  if (excess === 0n) return 0n;
  return min(amount, divideUp(amount * BigInt(rateBps) * excess, BPS * invocations));
}

/** Who gets what when a session is settled; the same integers as `SettlementLib.sol`. */
export function settle(input: SettlementInput): SettlementAmounts {
  const excess = excessBreaches(input.invocations, input.breaches, input.toleranceBps);
  const earned = earnedDown(input.value, input.credits, input.creditsUsed);
  const rebate = shareUp(earned, input.rebateBps, excess, input.invocations);
  const providerAmount = max(input.collected, earned - rebate);
  return {
    providerAmount,
    buyerAmount: input.value - providerAmount,
    bondPenalty: shareUp(input.bond, input.bondPenaltyBps, excess, input.invocations),
  };
}

/** What no later state can take from the provider: the earned value less the largest possible rebate on it. */
export function certainDown(value: bigint, credits: bigint, used: bigint, rebateBps: number): bigint {
  const earned = earnedDown(value, credits, used);
  return earned - shareUp(earned, rebateBps, 1n, 1n);
}
