/**
 * Counts for how long the other side has been silent. Time passes here in ticks of its own timer, each of which counts for
 * at most one and a half intervals: a process that was itself stalled or asleep does not blame the peer.
 */
export class Pulse {
  #lastTickMs: number;
  #silentMs = 0;
  #heard = false;

  constructor(nowMs: number) {
    this.#lastTickMs = nowMs;
  }

  /** Bytes came in. */
  heard(): void {
    this.#heard = true;
  }

  /**
   * @param intervalMs time that this tick was due after the last one
   * @returns for how long nothing has been heard, as of this tick; milliseconds
   */
  tick(nowMs: number, intervalMs: number): number {
    const elapsedMs = Math.min(nowMs - this.#lastTickMs, 1.5 * intervalMs);
    this.#lastTickMs = nowMs;
    this.#silentMs = this.#heard ? 0 : this.#silentMs + elapsedMs;
    this.#heard = false;
    return this.#silentMs;
  }
}
