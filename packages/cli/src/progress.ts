import { Presets, SingleBar } from "cli-progress";
import { isQuiet, step } from "./output.ts";

/** How often the bar moves; milliseconds. */
const TICK_MS = 200;

/**
 * Runs a step whose length is known beforehand, with a bar on stderr where there is a terminal to see it.
 * @param seconds that it takes, more or less: the bar waits at its end for what takes longer
 */
export async function timedStep<T>(what: string, seconds: number, work: () => Promise<T>): Promise<T> {
  if (isQuiet()) return step(what, work);
  const format = `{bar} {percentage}% ${what}`;
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, Presets.shades_classic);
  const startedMs = performance.now();
  const elapsed = () => Math.min(seconds, (performance.now() - startedMs) / 1000);
  bar.start(seconds, 0);
  const ticking = setInterval(() => bar.update(elapsed()), TICK_MS);
  try {
    return await work();
  } finally {
    clearInterval(ticking);
    bar.stop();
  }
}
