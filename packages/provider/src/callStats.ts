/** Shortest time told apart; milliseconds. */
const FIRST_BOUND_MS = 0.1;
const BUCKETS = 41;

/** Upper bounds of the buckets, inclusive: 0.1 ms to 105 s, each √2 times the one before; milliseconds. */
export const CALL_BOUNDS_MS: readonly number[] = Array.from(
  { length: BUCKETS },
  (_, i) => FIRST_BOUND_MS * 2 ** (i / 2),
);

/** How a call ended: as it should, at another deterministic end, by a failure of ours, or before it ran. */
export type CallEnd = "ok" | "ended" | "fault" | "refused";

/** What became of calls. Plain numbers, read when somebody asks: counting a call costs some tens of nanoseconds. */
export class CallStats {
  readonly ends: Record<CallEnd, number> = { ok: 0, ended: 0, fault: 0, refused: 0 };
  /** Calls by time from admission to end, waiting included; the last bucket holds what is above every bound. */
  readonly buckets = new Float64Array(BUCKETS + 1);
  sumMs = 0;
  running = 0;

  /** @param durationMs from admission to end; ≥ 0 */
  count(end: CallEnd, durationMs: number): void {
    this.ends[end]++;
    this.sumMs += durationMs;
    const index = durationMs <= FIRST_BOUND_MS ? 0 : Math.ceil(2 * Math.log2(durationMs / FIRST_BOUND_MS));
    this.buckets[Math.min(index, BUCKETS)]!++;
  }

  /** A call that was turned away: its time says nothing. */
  refuse(): void {
    this.ends.refused++;
  }
}
