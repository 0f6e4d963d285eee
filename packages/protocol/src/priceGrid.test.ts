import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { askOf, TIPS_BPS, type TipBps, tickOf } from "./priceGrid.ts";

const HIGHEST = 9999n * 10n ** 35n;
const prices = fc
  .tuple(fc.bigInt(0n, HIGHEST), fc.nat(130))
  .map(([value, cut]) => (cut === 0 ? HIGHEST : value >> BigInt(cut)));
const tips = fc.constantFrom(...TIPS_BPS);

test("a price is rounded up to four significant digits, never down and never further", () => {
  fc.assert(
    fc.property(prices, tips, (price, tip) => {
      const { priceWad, tipBps } = askOf(tickOf(price, tip));
      assert.equal(tipBps, tip);
      assert.ok(priceWad >= price);
      assert.ok(priceWad - price < 10n ** BigInt(Math.max(price.toString().length - 4, 8)) || price < 10n ** 11n);
      assert.equal(tickOf(priceWad, tip), tickOf(price, tip));
    }),
  );
});

test("a lower tick goes first: lower price, then higher tip", () => {
  fc.assert(
    fc.property(prices, prices, tips, tips, (a, b, tipOfA, tipOfB) => {
      const [first, second] = [tickOf(a, tipOfA), tickOf(b, tipOfB)].sort((x, y) => Number(x - y)).map(askOf);
      assert.ok(first!.priceWad <= second!.priceWad);
      if (first!.priceWad === second!.priceWad) assert.ok(first!.tipBps >= second!.tipBps);
    }),
  );
});

test("a lot is worth a whole number of base units at its price, from 1,000 to 9,999", () => {
  fc.assert(
    fc.property(prices, tips, (price, tip) => {
      const { priceWad, lot } = askOf(tickOf(price, tip));
      assert.equal((priceWad * lot) % 10n ** 36n, 0n);
      const worth = (priceWad * lot) / 10n ** 36n;
      assert.ok(worth >= 1000n && worth <= 9999n);
    }),
  );
});

test("prices and tips outside the grid, and ticks that don't exist, are refused", () => {
  const code = "protocol/out-of-range";
  assert.throws(() => tickOf(HIGHEST + 1n, 0), { code });
  assert.throws(() => tickOf(-1n, 0), { code });
  assert.throws(() => tickOf(10n ** 22n, 3 as TipBps), { code });
  for (const tick of [-1n, 0n, 4n, 252_000n * 16n + 15n]) assert.throws(() => askOf(tick), { code }, String(tick));
});
