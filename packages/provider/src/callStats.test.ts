import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CALL_BOUNDS_MS, CallStats } from "./callStats.ts";

test("every duration is counted once, in the first bucket whose bound it does not exceed", () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 200_000, noNaN: true }), (durationMs) => {
      const stats = new CallStats();
      stats.count("ok", durationMs);
      const index = stats.buckets.indexOf(1);
      assert.equal(
        stats.buckets.reduce((sum, count) => sum + count),
        1,
      );
      // The logarithm may be off by a rounding error right at a bound.
      assert.ok(durationMs <= (CALL_BOUNDS_MS[index] ?? Number.POSITIVE_INFINITY) * (1 + 1e-12));
      assert.ok(durationMs >= (CALL_BOUNDS_MS[index - 1] ?? 0) * (1 - 1e-12));
    }),
  );
});

test("a call that was turned away has no duration", () => {
  const stats = new CallStats();
  stats.refuse();
  assert.deepEqual([stats.ends.refused, stats.sumMs, Math.max(...stats.buckets)], [1, 0, 0]);
});
