import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { type Candidate, nearestFirst } from "./selection.ts";

const candidate = fc.record({
  regionDepth: fc.nat(3),
  rttMs: fc.oneof(fc.nat(50), fc.constant(Number.POSITIVE_INFINITY)),
  staked: fc.bigInt(0n, 5n),
});

test("nearest region first, then shortest round trip, then most stake; everybody once, the given list untouched", () => {
  fc.assert(
    fc.property(fc.array(candidate), (list) => {
      const candidates = list.map(({ staked, ...rest }) => ({ ...rest, provider: { staked } }) as unknown as Candidate);
      const given = [...candidates];
      const sorted = nearestFirst(candidates);
      assert.deepEqual(candidates, given);
      assert.deepEqual(new Set(sorted), new Set(candidates));
      assert.equal(sorted.length, candidates.length);
      for (let i = 1; i < sorted.length; i++) {
        const [better, worse] = [sorted[i - 1]!, sorted[i]!];
        const rank = [better.regionDepth - worse.regionDepth, compare(worse.rttMs, better.rttMs)];
        rank.push(compare(better.provider.staked, worse.provider.staked));
        assert.ok((rank.find((order) => order !== 0) ?? 0) >= 0);
      }
    }),
  );
});

function compare<T extends number | bigint>(a: T, b: T): number {
  return a > b ? 1 : a < b ? -1 : 0;
}
