/** How late a due call may be noticed; milliseconds. */
const POLL_MS = 1;

export interface OpenLoopOptions {
  /** When the schedule begins and ends; milliseconds of `performance.now()`. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Time between two calls of one client; milliseconds. */
  readonly periodMs: number;
  /** When each client's first call is due, as a part of the period; ascending, 0 to 1. */
  readonly phases: readonly number[];
  /** Starts a call and returns at once. @param dueMs when the schedule wanted it: latency counts from there */
  readonly send: (client: number, dueMs: number) => void;
}

/**
 * Starts calls by the clock, whether or not earlier ones were answered: a service that stalls is charged for every call
 * that it keeps waiting, also for those that a polite client would not have sent (no coordinated omission).
 */
export async function openLoop({ fromMs, untilMs, periodMs, phases, send }: OpenLoopOptions): Promise<void> {
  let turn = 0;
  let client = 0;
  for (;;) {
    for (;;) {
      const dueMs = fromMs + (turn + phases[client]!) * periodMs;
      if (dueMs >= untilMs) return;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) {
        await new Promise((resolve) => setTimeout(resolve, Math.min(Math.max(waitMs, POLL_MS), 1_000)));
        break;
      }
      send(client, dueMs);
      client++;
      if (client < phases.length) continue;
      client = 0;
      turn++;
    }
  }
}
