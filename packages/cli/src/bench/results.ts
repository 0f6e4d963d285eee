import { DemecError } from "@demec/protocol";
import type { BenchPlan } from "./plan.ts";
import type { Tally } from "./tally.ts";

/** What a run of `demec bench` found; the file that it writes, and that `demec capacity` reads. */
export interface BenchResults extends BenchPlan {
  readonly service: string;
  /** Providers that answered. */
  readonly providers: number;
  /** Length of the schedule that was measured. */
  readonly seconds: number;
  /** Calls that ended ok, a second, until the last answer: never more than `needed`. */
  readonly achieved: number;
  readonly sent: number;
  readonly ok: number;
  /** Calls that did not end ok, by code; `status:…` for other deterministic ends; `receipt:…` beside them for
   * calls whose receipt did not hold. */
  readonly errors: Readonly<Record<string, number>>;
  /** From when a call was due to when its answer was there. */
  readonly latencyMs: {
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly p999: number;
    readonly max: number;
  };
  /** Receipts that full clients proved under a co-signed state and verified. */
  readonly receiptsVerified: number;
  /** Processors that the clients kept busy. */
  readonly clientCores: number;
  /** For plots: latency at percentiles that are evenly spaced in −log10(1 − p). */
  readonly percentiles: readonly { readonly percentile: number; readonly ms: number }[];
  /** For plots: by the second in which calls were due. */
  readonly timeline: readonly { readonly second: number; readonly ok: number; readonly p99Ms: number | null }[];
}

/** Percentiles of a plot: from the median to 99.99%. */
const CURVE = Array.from({ length: 61 }, (_, i) => 100 * (1 - 10 ** -(0.3 + (i * 3.7) / 60)));

export interface Run {
  readonly service: string;
  readonly providers: number;
  readonly seconds: number;
  readonly receiptsVerified: number;
  readonly clientCores: number;
}

export function resultsOf(plan: BenchPlan, run: Run, tally: Tally): BenchResults {
  const at = (percentile: number) => tally.latency.getValueAtPercentile(percentile) / 1000;
  return {
    ...plan,
    ...run,
    achieved: tally.ok / Math.max(run.seconds, tally.lastMs / 1000),
    sent: tally.sent,
    ok: tally.ok,
    errors: Object.fromEntries(tally.errors),
    latencyMs: {
      p50: at(50),
      p90: at(90),
      p99: at(99),
      p999: at(99.9),
      max: at(100),
    },
    percentiles: CURVE.map((percentile) => ({ percentile, ms: at(percentile) })),
    timeline: Array.from({ length: Math.ceil(run.seconds) }, (_, second) => {
      const one = tally.seconds[second];
      const ok = one?.totalCount ?? 0;
      return { second, ok, p99Ms: ok === 0 ? null : one!.getValueAtPercentile(99) / 1000 };
    }),
  };
}

/** @throws cli/unfit-results when the text is nothing that `demec bench` wrote */
export function parseResults(text: string, path: string): BenchResults {
  const unfit = (cause?: unknown) =>
    new DemecError("cli/unfit-results", `${path} holds no results of demec bench.`, { cause, details: { path } });
  let value: Partial<BenchResults> | null;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw unfit(cause);
  }
  const numbers = [value?.needed, value?.achieved, value?.providers, value?.sent, value?.ok, value?.latencyMs?.p99];
  if (!numbers.every((number) => typeof number === "number" && number >= 0)) throw unfit();
  return value as BenchResults;
}
