import { DemecError } from "@demec/protocol";
import type { BenchResults } from "./results.ts";

/** Share of calls that may have failed for a measurement to say anything of capacity. */
const MAX_ERROR_SHARE = 0.001;

export interface CapacityOptions {
  /** Calls a second to be carried. */
  readonly rate: number;
  /** What a provider keeps free for peaks, as a part of what it carries; ≥ 0. */
  readonly headroom: number;
  /** Providers that may fail at once without the rate being missed. */
  readonly spare: number;
  /** p99 that the measurement must have kept; milliseconds. */
  readonly maxP99Ms: number;
}

export interface Capacity {
  readonly providers: number;
  /** Calls a second that one provider was seen to carry. */
  readonly perProvider: number;
  /** Whether it was asked for more than it carried: else it may carry more than is known. */
  readonly isSaturated: boolean;
}

/**
 * Providers that a rate takes: ⌈rate × (1 + headroom) ÷ perProvider⌉ + spare, where perProvider is what the measurement
 * achieved, divided by the providers that answered in it.
 * @throws cli/unfit-results when the measurement was too slow, or too full of errors, to promise anything by it
 */
export function capacityOf(results: BenchResults, options: CapacityOptions): Capacity {
  const { rate, headroom, spare, maxP99Ms } = options;
  const { achieved, needed, providers, sent, ok, latencyMs } = results;
  const unfit = (what: string) => new DemecError("cli/unfit-results", what, { details: { sent, ok, ...latencyMs } });
  if (providers === 0 || achieved === 0) throw unfit("The measurement has no call that was answered.");
  if (sent - ok > sent * MAX_ERROR_SHARE) {
    throw unfit(`${sent - ok} of ${sent} calls of the measurement failed: more than ${MAX_ERROR_SHARE * 100}%.`);
  }
  if (latencyMs.p99 > maxP99Ms) {
    throw unfit(`The measurement has a p99 of ${latencyMs.p99} ms, above ${maxP99Ms}.`);
  }
  const perProvider = achieved / providers;
  return {
    providers: Math.ceil((rate * (1 + headroom)) / perProvider) + spare,
    perProvider,
    isSaturated: achieved < 0.99 * needed,
  };
}
