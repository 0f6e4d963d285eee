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
  const work = tariff.a * usage.bitOps + tariff.b * usage.floatOps + tariff.c * usage.bytes;
  const time =
    tariff.d * BigInt(usage.durationMs) + tariff.e * BigInt(usage.latencyMs) + tariff.f * BigInt(usage.pingMs);
  const micro = work + 1000n * time;
  return micro <= 0n ? 0n : (micro + MILLION - 1n) / MILLION;
}
