import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { costUp, Rates } from "./rates.ts";

test("a cost is never rounded in the caller's favour, nor by more than one unit", () => {
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 30n), fc.bigInt(0n, 10n ** 20n), (credits, rate) => {
      const over = costUp(credits, rate) * 10n ** 18n - credits * rate;
      assert.ok(over >= 0n && over < 10n ** 18n);
    }),
  );
});

test("those who ask at once share one quote, and a quote that failed is asked for again", async () => {
  let asked = 0;
  const rates = new Rates(async () => {
    if (++asked === 1) throw new Error("no answer");
    return 7n;
  }, 60_000);
  await assert.rejects(rates.all(), /no answer/);
  assert.deepEqual(await Promise.all([rates.all(), rates.all(), rates.all()]), [[7n], [7n], [7n]]);
  assert.equal(asked, 2);
});

test("an earlier rate counts beside the newest until its time is over", async (t) => {
  t.mock.method(performance, "now", () => now);
  let now = 0;
  let cost = 5n;
  const rates = new Rates(async () => cost, 30_000);
  assert.deepEqual(await rates.all(), [5n]);
  cost = 6n;
  now = 9_000;
  assert.deepEqual(await rates.all(), [5n], "still fresh");
  now = 11_000;
  assert.deepEqual(await rates.all(), [6n, 5n]);
  cost = 7n;
  now = 35_000;
  assert.deepEqual(await rates.all(), [7n, 6n]);
});
