const ONE_IN_BPS = 10_000n;

/**
 * Most that may be paid where `cost` was quoted; payment-token base units.
 * @param bps loss that is accepted, in 1/10,000
 */
export function mostCostDown(cost: bigint, bps: number): bigint {
  return cost + (cost * BigInt(bps)) / ONE_IN_BPS;
}

/**
 * Least that must come in where `value` was quoted; payment-token base units.
 * @param bps loss that is accepted, in 1/10,000
 */
export function leastValueUp(value: bigint, bps: number): bigint {
  return value - (value * BigInt(bps)) / ONE_IN_BPS;
}
