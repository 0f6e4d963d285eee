import { DemecError } from "./errors.ts";

/** Measured vector of one invocation. Work is exact and deterministic; the times are intervals on one monotonic clock. */
export interface Usage {
  /** Integer work by the weights of the meter's version; uint64. */
  readonly bitOps: bigint;
  /** Floating-point work by the weights of the meter's version; uint64. */
  readonly floatOps: bigint;
  /** Input (with arguments and environment) and output bytes; uint64. */
  readonly bytes: bigint;
  /** Time in the executor, on the provider's clock; uint32 milliseconds, rounded up. */
  readonly durationMs: number;
  /** Request sent to result received, on the buyer's clock; uint32 milliseconds, rounded up. */
  readonly latencyMs: number;
  /** Round trip of a heartbeat, on the buyer's clock; uint32 milliseconds, rounded up. */
  readonly pingMs: number;
}

export const UINT32_MAX = 0xffff_ffff;
export const UINT64_MAX = 2n ** 64n - 1n;
export const UINT128_MAX = 2n ** 128n - 1n;

/** @throws protocol/out-of-range when `value` is not an integer in 0 … `max` */
export function assertUint(name: string, value: bigint | number, max: bigint | number): void {
  // Bigints with bigints: compared with a number, a bigint leaves compiled code.
  const isInRange =
    typeof value === "bigint" ? value >= 0n && value <= max : Number.isSafeInteger(value) && value >= 0 && value <= max;
  if (!isInRange) {
    throw new DemecError("protocol/out-of-range", `${name} is ${value}, outside 0 … ${max}.`, {
      details: { name, value, max },
    });
  }
}

/** @throws protocol/out-of-range naming the first field that does not fit its width */
export function assertUsage(usage: Usage): void {
  assertUint("bitOps", usage.bitOps, UINT64_MAX);
  assertUint("floatOps", usage.floatOps, UINT64_MAX);
  assertUint("bytes", usage.bytes, UINT64_MAX);
  assertUint("durationMs", usage.durationMs, UINT32_MAX);
  assertUint("latencyMs", usage.latencyMs, UINT32_MAX);
  assertUint("pingMs", usage.pingMs, UINT32_MAX);
}
