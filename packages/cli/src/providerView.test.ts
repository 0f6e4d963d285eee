import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatView, quantile, viewOf } from "./providerView.ts";
import { Scrape } from "./scrape.ts";

const READY = { ok: true, parts: { chain: { ok: true, detail: "answers" } } };

test("a quantile lies in the bucket that holds its rank, and grows with it", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(50), { minLength: 3, maxLength: 12 }), (counts) => {
      fc.pre(counts.some((count) => count > 0));
      let sum = 0;
      const buckets = counts.map((count, index) => {
        sum += count;
        return [index === counts.length - 1 ? Number.POSITIVE_INFINITY : index + 1, sum] as const;
      });
      let last = 0;
      for (const q of [0.1, 0.5, 0.9, 0.99, 1]) {
        const value = quantile(buckets, q)!;
        assert.ok(value >= last);
        const below = buckets.filter(([bound]) => bound < value).at(-1)?.[1] ?? 0;
        const upTo = buckets.find(([bound]) => bound >= value)![1];
        assert.ok(below <= q * sum + 1e-9);
        assert.ok(upTo >= q * sum - 1e-9 || value === counts.length - 1);
        last = value;
      }
    }),
  );
  assert.equal(
    quantile(
      [
        [1, 0],
        [Number.POSITIVE_INFINITY, 0],
      ],
      0.5,
    ),
    null,
  );
});

test("rates and latencies are those between two readings, not those since the start", () => {
  const at = (atMs: number, count: number, fast: number) =>
    new Scrape(
      new Map([
        ['demec_call_seconds_bucket{"le":0.001}', fast],
        ['demec_call_seconds_bucket{"le":1}', count],
        ['demec_call_seconds_bucket{"le":"+Inf"}', count],
        ["demec_call_seconds_count", count],
        ["demec_unsigned_credits", 0.25],
      ]),
      atMs,
    );
  const view = viewOf(at(0, 1_000_000, 0), at(2_000, 1_000_400, 400), READY);
  assert.equal(view.callsPerSecond, 200);
  assert.ok(view.latencyMs!.p99 <= 1);
  assert.equal(view.unsignedCredits, 0.25);
  assert.deepEqual([view.stake, view.operatorCoins], [null, null]);
});

test("a provider that is not ready says which part is not", () => {
  const empty = new Scrape(new Map(), 0);
  const view = viewOf(empty, new Scrape(new Map(), 1_000), {
    ok: false,
    parts: { chain: { ok: false, detail: "no answer within 2000 ms" }, dht: { ok: true, detail: "" } },
  });
  assert.deepEqual(view.troubles, { chain: "no answer within 2000 ms" });
  assert.match(formatView(view), /NOT READY: chain: no answer within 2000 ms/);
});
