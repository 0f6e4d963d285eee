import { DemecError } from "./errors.ts";
import { assertUsage, type Usage } from "./usage.ts";

/**
 * Coefficients that turn usage into credits (design section 5), as signed integers with the credit's 18 decimals:
 * int128 credits·1e18 per unit, where the unit is
 * a: 10⁶ bitOps, b: 10⁶ floatOps, c: megabyte (10⁶ bytes), d: second of duration, e: second of latency, f: second of ping.
 */
export interface Tariff {
  readonly a: bigint;
  readonly b: bigint;
  readonly c: bigint;
  readonly d: bigint;
  readonly e: bigint;
  readonly f: bigint;
}

const INT128_MAX = 2n ** 127n - 1n;
const MILLION = 1_000_000n;

/** @throws protocol/out-of-range when a coefficient does not fit int128 */
export function assertTariff(tariff: Tariff): void {
  for (const name of ["a", "b", "c", "d", "e", "f"] as const) {
    const value = tariff[name];
    if (value > INT128_MAX || value < -INT128_MAX - 1n) {
      throw new DemecError("protocol/out-of-range", `Tariff coefficient ${name} is ${value}, outside int128.`, {
        details: { name, value },
      });
    }
  }
}

/**
 * Credits (18 decimals) of one invocation, rounded up to the next base unit, never negative:
 * ceil(max(0, a·bitOps + b·floatOps + c·bytes + 1000·(d·durationMs + e·latencyMs + f·pingMs)) / 10⁶).
 * `TariffLib.creditsUp` in Solidity computes the same integer.
 */
export function creditsUp(tariff: Tariff, usage: Usage): bigint {
  assertUsage(usage);
  // Most tariffs leave some coefficients at zero, and every operation on bigints allocates.
  let micro = tariff.a * usage.bitOps;
  if (tariff.b !== 0n) micro += tariff.b * usage.floatOps;
  if (tariff.c !== 0n) micro += tariff.c * usage.bytes;
  if (tariff.d !== 0n) micro += 1000n * tariff.d * BigInt(usage.durationMs);
  if (tariff.e !== 0n) micro += 1000n * tariff.e * BigInt(usage.latencyMs);
  if (tariff.f !== 0n) micro += 1000n * tariff.f * BigInt(usage.pingMs);
  return micro <= 0n ? 0n : (micro + MILLION - 1n) / MILLION;
}
