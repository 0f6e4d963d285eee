import { isDemecError } from "@demec/protocol";

/** Between attempts to reach a provider that is away: at first and at most; milliseconds. */
const RETRY_MS = { first: 500, most: 30_000 };
/** A provider that stays away for so long is given up, and the session left alone; milliseconds. */
const GIVE_UP_MS = 10 * 60_000;
/** What passes between two looks counts for so long at most: whoever slept meanwhile has not been trying; milliseconds. */
const MAX_STEP_MS = 60_000;

/** Refusals to attach after which another try may be taken; after any other the session is over. */
const PASSING = new Set([
  "chain/rpc",
  "provider/internal",
  "provider/journal-failed",
  "provider/session-too-shallow",
  "provider/stops",
  "provider/too-many-requests",
]);

/** Whether an attempt to attach ended in a way that no further one would change. */
export function isOver(error: unknown): boolean {
  return isDemecError(error, "sdk/refused") && !PASSING.has(String(error.details.code));
}

/** A provider that is out of reach: for how long, and when it is tried again. Monotonic milliseconds. */
export class Absence {
  #lastTickMs: number;
  /** Until then. */
  #lastedMs = 0;
  #retryAtMs: number;
  #pauseMs = RETRY_MS.first;

  constructor(nowMs: number) {
    this.#lastTickMs = nowMs;
    this.#retryAtMs = nowMs;
  }

  /** As far as somebody was awake to see it. */
  lastsMs(nowMs: number): number {
    return this.#lastedMs + Math.min(nowMs - this.#lastTickMs, MAX_STEP_MS);
  }

  /** To be called again and again. @returns whether it is time for another attempt */
  tick(nowMs: number): boolean {
    this.#lastedMs = this.lastsMs(nowMs);
    this.#lastTickMs = nowMs;
    return nowMs >= this.#retryAtMs;
  }

  isHopeless(nowMs: number): boolean {
    return this.lastsMs(nowMs) > GIVE_UP_MS;
  }

  /** Something has changed on this side: an attempt is worth while at once, and soon again. */
  hasten(nowMs: number): void {
    this.#retryAtMs = nowMs;
    this.#pauseMs = RETRY_MS.first;
  }

  /** Puts the next attempt off, for twice as long each time. */
  postpone(nowMs: number): void {
    // Spread, so that a provider that comes back is not met by all its buyers at once.
    this.#retryAtMs = nowMs + this.#pauseMs * (0.75 + Math.random() / 2);
    this.#pauseMs = Math.min(2 * this.#pauseMs, RETRY_MS.most);
  }
}
