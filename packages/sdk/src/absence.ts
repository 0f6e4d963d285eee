import { isDemecError } from "@demec/protocol";

/** Between attempts to reach a provider that is away: at first and at most; milliseconds. */
const RETRY_MS = { first: 500, most: 30_000 };
/** A provider that stays away for so long is given up, and the session left alone; milliseconds. */
const GIVE_UP_MS = 10 * 60_000;

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

/** A provider that is out of reach: since when, and when it is tried again. Monotonic milliseconds. */
export class Absence {
  readonly #sinceMs: number;
  #retryAtMs: number;
  #pauseMs = RETRY_MS.first;

  constructor(nowMs: number) {
    this.#sinceMs = nowMs;
    this.#retryAtMs = nowMs;
  }

  lastsMs(nowMs: number): number {
    return nowMs - this.#sinceMs;
  }

  isDue(nowMs: number): boolean {
    return nowMs >= this.#retryAtMs;
  }

  isHopeless(nowMs: number): boolean {
    return this.lastsMs(nowMs) > GIVE_UP_MS;
  }

  /** Puts the next attempt off, for twice as long each time. */
  postpone(nowMs: number): void {
    // Spread, so that a provider that comes back is not met by all its buyers at once.
    this.#retryAtMs = nowMs + this.#pauseMs * (0.75 + Math.random() / 2);
    this.#pauseMs = Math.min(2 * this.#pauseMs, RETRY_MS.most);
  }
}
