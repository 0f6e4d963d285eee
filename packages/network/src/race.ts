import type { Deadline } from "./deadline.ts";

/**
 * Runs attempts one after the other's head start ("happy eyeballs", RFC 8305): the next begins when the one before has
 * failed or has had its head start. The first to succeed wins and the others are called off.
 * @param attempts in order of preference, at least one; they end soon after their signal
 * @param headStartsMs of each attempt before the next; the last of them holds for all that follow
 * @param discard gets what an attempt gives that was called off too late
 * @throws what the last of the attempts throws, when all fail
 */
export async function race<T>(
  attempts: readonly ((signal: AbortSignal) => Promise<T>)[],
  headStartsMs: readonly number[],
  discard: (late: T) => void,
): Promise<T> {
  const over = new AbortController();
  const winner = Promise.withResolvers<T>();
  const running: Promise<void>[] = [];
  let won = false;
  for (const [index, attempt] of attempts.entries()) {
    const run = attempt(over.signal).then(
      (value) => {
        if (won) return discard(value);
        won = true;
        winner.resolve(value);
      },
      // The least preferred way is the one that works most often: its failure tells most.
      (error) => {
        if (index === attempts.length - 1) void Promise.all(running).then(() => winner.reject(error));
      },
    );
    running.push(run);
    if (index < attempts.length - 1) {
      const headStart = Promise.withResolvers<void>();
      const timer = setTimeout(headStart.resolve, headStartsMs[index] ?? headStartsMs.at(-1));
      await Promise.race([run, winner.promise, headStart.promise]);
      clearTimeout(timer);
    }
    if (won) break;
  }
  try {
    return await winner.promise;
  } finally {
    over.abort();
  }
}

export interface Closable {
  close(): Promise<void>;
}

/**
 * What the first of some ways gives that leads there, each tried a while after the one before.
 * @param nextMs of each before the next
 * @throws as {@link race}
 */
export function firstOf<Way, T extends Closable>(
  ways: readonly Way[],
  nextMs: number,
  { timeoutMs, signal }: Deadline,
  attempt: (way: Way, deadline: Deadline) => Promise<T>,
): Promise<T> {
  return race(
    ways.map((way) => (over: AbortSignal) => {
      return attempt(way, { timeoutMs, signal: signal === undefined ? over : AbortSignal.any([over, signal]) });
    }),
    [nextMs],
    (late) => void late.close(),
  );
}
