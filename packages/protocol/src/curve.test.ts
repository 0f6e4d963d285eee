import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  areaAt,
  areaOfBuy,
  areaOfSell,
  assertCurve,
  type CurvePoints,
  feeUp,
  MAX_SUPPLY,
  priceAt,
  supplyAtPrice,
} from "./curve.ts";
import { exactArea, exactPrice } from "./curveExact.ts";
import { UINT128_MAX } from "./usage.ts";

/** low … high, every order of magnitude and both ends as likely as any other. */
const magnitude = (low: bigint, high: bigint): fc.Arbitrary<bigint> =>
  fc.tuple(fc.bigInt(0n, high - low), fc.nat(160), fc.nat(9)).map(([value, cut, kind]) => {
    if (kind === 0) return high;
    if (kind === 1) return high - (value >> BigInt(cut));
    return low + (value >> BigInt(cut % ((high - low).toString(2).length + 1)));
  });

const curves: fc.Arbitrary<CurvePoints> = magnitude(3n, MAX_SUPPLY).chain((x3) =>
  magnitude(2n, x3 - 1n).chain((x2) =>
    fc
      .tuple(magnitude(1n, x2 - 1n), fc.tuple(...Array.from({ length: 4 }, () => magnitude(0n, UINT128_MAX))))
      .map(([x1, prices]) => {
        const [y0, y1, y2, y3] = prices.sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)) as [
          bigint,
          bigint,
          bigint,
          bigint,
        ];
        return { x1, x2, x3, y0, y1, y2, y3: y3 || 1n };
      }),
  ),
);
const curveAndSupply = curves.chain((curve) =>
  fc
    .oneof(
      magnitude(0n, curve.x3),
      fc.bigInt(0n, curve.x3),
      fc.constantFrom(0n, 1n, curve.x1, curve.x2, curve.x3 - 1n, curve.x3),
      magnitude(curve.x3, MAX_SUPPLY),
    )
    .map((supply) => ({ curve, supply })),
);

test("the area as composed (inverse, then area) is within 1 1/60 units of the exact area, over the whole range", () => {
  fc.assert(
    fc.property(curveAndSupply, ({ curve, supply }) => {
      assertCurve(curve);
      const area = areaAt(curve, supply);
      const { low, high, denominator } = exactArea(curve, supply);
      assert.ok((area + 1n) * denominator + denominator / 60n > low, `${area} is below ${low / denominator}`);
      assert.ok(area * denominator <= high + denominator / 10n ** 8n, `${area} is above ${high / denominator}`);
    }),
    { numRuns: 1500 },
  );
});

test("the price is within one unit of the exact price, relative to 2^-30 of the steepest step", () => {
  fc.assert(
    fc.property(curveAndSupply, ({ curve, supply }) => {
      const price = priceAt(curve, supply);
      const { low, high, denominator } = exactPrice(curve, supply);
      const slack = 1n + ((curve.y3 - curve.y0) >> 30n);
      assert.ok((price + slack) * denominator >= low && (price - slack) * denominator <= high);
    }),
    { numRuns: 300 },
  );
});

test("the inverse is the least supply whose price is at least p", () => {
  fc.assert(
    fc.property(curves, fc.bigInt(0n, UINT128_MAX), (curve, random) => {
      const p = random % (curve.y3 + 1n);
      const supply = supplyAtPrice(curve, p);
      assert.ok(priceAt(curve, supply) >= p);
      if (supply > 0n) assert.ok(priceAt(curve, supply - 1n) < p);
    }),
  );
});

test("buying n then m costs what buying n + m costs, and selling back at once returns it", () => {
  fc.assert(
    fc.property(curveAndSupply, fc.bigInt(0n, MAX_SUPPLY), fc.bigInt(0n, MAX_SUPPLY), ({ curve, supply }, a, b) => {
      const n = a % (MAX_SUPPLY - supply + 1n);
      const m = b % (MAX_SUPPLY - supply - n + 1n);
      const both = areaOfBuy(curve, supply, n + m);
      assert.equal(areaOfBuy(curve, supply, n) + areaOfBuy(curve, supply + n, m), both);
      assert.equal(areaOfSell(curve, supply + n + m, n + m), both);
    }),
  );
});

test("a straight line's area is that of a trapezoid", () => {
  const CREDIT = 10n ** 18n;
  // From 1 to 4 base units a credit over 3,000 credits: control points on a line, so x = 3000t, y = 1 + 3t.
  const line: CurvePoints = {
    x1: 1000n * CREDIT,
    x2: 2000n * CREDIT,
    x3: 3000n * CREDIT,
    y0: CREDIT,
    y1: 2n * CREDIT,
    y2: 3n * CREDIT,
    y3: 4n * CREDIT,
  };
  assert.equal(areaAt(line, 3000n * CREDIT), 7500n);
  assert.equal(areaAt(line, 1000n * CREDIT), 1500n);
  assert.equal(areaAt(line, 4000n * CREDIT), 11_500n);
  assert.equal(priceAt(line, 1500n * CREDIT), (5n * CREDIT) / 2n);
  // The price is cut to whole units, which here are a thousand supply units wide.
  const crossing = supplyAtPrice(line, 3n * CREDIT);
  assert.ok(crossing <= 2000n * CREDIT && crossing > 2000n * CREDIT - 1000n, `${crossing}`);
});

test("curves with unordered points or values outside the range are refused", () => {
  const good: CurvePoints = { x1: 1n, x2: 2n, x3: 3n, y0: 0n, y1: 1n, y2: 1n, y3: 2n };
  const bad: [Partial<CurvePoints>, string][] = [
    [{ x1: 0n }, "curve/unordered"],
    [{ x1: 2n }, "curve/unordered"],
    [{ x3: 2n }, "curve/unordered"],
    [{ y0: 2n }, "curve/unordered"],
    [{ y2: 3n }, "curve/unordered"],
    [{ x3: MAX_SUPPLY + 1n }, "curve/out-of-range"],
    [{ y3: UINT128_MAX + 1n }, "curve/out-of-range"],
    [{ y0: -1n }, "curve/out-of-range"],
    [{ y0: 0n, y1: 0n, y2: 0n, y3: 0n }, "curve/out-of-range"],
  ];
  assertCurve(good);
  for (const [change, code] of bad) assert.throws(() => assertCurve({ ...good, ...change }), { code });
  assert.throws(() => areaAt(good, MAX_SUPPLY + 1n), { code: "curve/out-of-range" });
  assert.throws(() => priceAt(good, -1n), { code: "curve/out-of-range" });
  assert.throws(() => supplyAtPrice(good, 3n), { code: "curve/out-of-range" });
});

test("a fee is rounded up", () => {
  assert.equal(feeUp(10_000n, 50), 50n);
  assert.equal(feeUp(10_001n, 50), 51n);
  assert.equal(feeUp(1n, 1), 1n);
  assert.equal(feeUp(0n, 500), 0n);
  assert.equal(feeUp(1000n, 0), 0n);
});
