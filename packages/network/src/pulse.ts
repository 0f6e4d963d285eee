/**
 * Decides by missed beats whether the other side is gone. Time passes here in ticks of its own timer, each of which
 * counts for at most one and a half intervals: a process that was itself stalled or asleep does not blame the peer.
 */
export class Pulse {
  readonly #intervalMs: number;
  readonly #deadAfterMs: number;
  #lastTickMs: number;
  #silentMs = 0;
  #heard = false;

  constructor(intervalMs: number, deadAfterMs: number, nowMs: number) {
    this.#intervalMs = intervalMs;
    this.#deadAfterMs = deadAfterMs;
    this.#lastTickMs = nowMs;
  }

  /** Bytes came in. */
  heard(): void {
    this.#heard = true;
  }

  /** @returns whether the other side has been silent too long */
  tick(nowMs: number): boolean {
    const elapsedMs = Math.min(nowMs - this.#lastTickMs, 1.5 * this.#intervalMs);
    this.#lastTickMs = nowMs;
    this.#silentMs = this.#heard ? 0 : this.#silentMs + elapsedMs;
    this.#heard = false;
    return this.#silentMs >= this.#deadAfterMs;
  }
}
