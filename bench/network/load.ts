import { createHistogram } from "node:perf_hooks";
import { median } from "../median.ts";

/** One call from its beginning to its end; the number tells calls apart. */
export type Call = (index: number) => Promise<unknown>;

export interface OpenLoopFigures {
  readonly calls: number;
  /** It was given up, two seconds' calls behind: nothing keeps that rate here. */
  readonly givenUp: boolean;
  readonly errors: number;
  /** Calls that ended, over the time from the first intended one to the last end. */
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p90Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** `count` calls with `inFlight` at a time. @returns calls per second */
export async function closedLoop(call: Call, count: number, inFlight: number): Promise<number> {
  const started = performance.now();
  let next = 0;
  const worker = async () => {
    while (next < count) await call(next++);
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return (count / (performance.now() - started)) * 1000;
}

/**
 * Calls at a fixed rate, whatever becomes of the earlier ones. Latency counts from when a call was due by the clock, not
 * from when it was made, so that a stall of either side is felt by every call that falls into it (no coordinated omission).
 */
export function openLoop(call: Call, callsPerSecond: number, seconds: number): Promise<OpenLoopFigures> {
  let total = Math.round(callsPerSecond * seconds);
  let givenUp = false;
  const microseconds = createHistogram({ figures: 3 });
  const startedMs = performance.now();
  const dueMs = (index: number) => startedMs + (index * 1000) / callsPerSecond;
  let made = 0;
  let ended = 0;
  let errors = 0;
  const { promise, resolve } = Promise.withResolvers<OpenLoopFigures>();
  const finish = () => {
    const ms = (percent: number) => microseconds.percentile(percent) / 1000;
    resolve({
      calls: total,
      givenUp,
      errors,
      perSecond: ((total - errors) / (performance.now() - startedMs)) * 1000,
      p50Ms: ms(50),
      p90Ms: ms(90),
      p99Ms: ms(99),
      p999Ms: ms(99.9),
      maxMs: microseconds.max / 1000,
    });
  };
  const make = (index: number) => {
    const end = () => {
      microseconds.record(Math.max(1, Math.round((performance.now() - dueMs(index)) * 1000)));
      if (++ended === total) finish();
    };
    call(index).then(end, () => {
      errors++;
      end();
    });
  };
  const tick = () => {
    const nowMs = performance.now();
    while (made < total && dueMs(made) <= nowMs) make(made++);
    if (made - ended > 2 * callsPerSecond) {
      givenUp = true;
      total = made;
    }
    if (made < total) setTimeout(tick, 1);
  };
  tick();
  return promise;
}

/** Microseconds of the median of `count` calls, one after the other. */
export async function sequentialP50Us(call: Call, count: number): Promise<number> {
  const micros: number[] = [];
  for (let index = 0; index < count; index++) {
    const started = performance.now();
    await call(index);
    micros.push((performance.now() - started) * 1000);
  }
  return median(micros);
}
