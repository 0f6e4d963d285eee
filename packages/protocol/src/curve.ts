import { DemecError } from "./errors.ts";
import { UINT128_MAX } from "./usage.ts";

/** Control points of a price curve; P0 = (0, y0). Valid when 0 < x1 < x2 < x3 < 2^96, y0 ≤ y1 ≤ y2 ≤ y3 < 2^128, y3 > 0. */
export interface CurvePoints {
  /** Supply: credits outstanding, 18 decimals. */
  readonly x1: bigint;
  readonly x2: bigint;
  readonly x3: bigint;
  /** Price: payment-token base units per whole credit × 1e18. */
  readonly y0: bigint;
  readonly y1: bigint;
  readonly y2: bigint;
  readonly y3: bigint;
}

/** Largest supply, credit base units. */
export const MAX_SUPPLY = 2n ** 96n - 1n;

// The formats of BezierCurve.sol, integer for integer; docs/curve.md derives them.
const T_BITS = 112n;
const T_ONE = 1n << T_BITS;
const COEFFICIENT_BITS = 144;
const PRICE_SHIFT = 16n;
const PRICE_NUDGE = 1n << 8n;
const AREA_SHIFT = 85n;
const AREA_SCALE = 20n * 10n ** 36n;
const AREA_NUDGE = AREA_SCALE >> 30n;

/** @throws curve/unordered, curve/out-of-range as the contracts would at creation */
export function assertCurve(curve: CurvePoints): void {
  const { x1, x2, x3, y0, y1, y2, y3 } = curve;
  if (!(0n < x1 && x1 < x2 && x2 < x3)) {
    throw new DemecError("curve/unordered", `Supplies 0, ${x1}, ${x2}, ${x3} do not strictly increase.`, {
      details: { x1, x2, x3 },
    });
  }
  if (!(y0 <= y1 && y1 <= y2 && y2 <= y3)) {
    throw new DemecError("curve/unordered", `Prices ${y0}, ${y1}, ${y2}, ${y3} decrease somewhere.`, {
      details: { y0, y1, y2, y3 },
    });
  }
  if (x3 > MAX_SUPPLY || y0 < 0n || y3 === 0n || y3 > UINT128_MAX) {
    throw new DemecError("curve/out-of-range", `Supply ${x3} or prices ${y0} … ${y3} are outside the range.`, {
      details: { x3, y0, y3 },
    });
  }
}

/**
 * R(supply): what the reserve is when `supply` credits are outstanding; payment-token base units.
 * @param supply credits, 18 decimals, 0 … 2^96 − 1
 */
export function areaAt(curve: CurvePoints, supply: bigint): bigint {
  assertSupply(supply);
  if (supply === 0n) return 0n;
  const sums = areaSums(curve);
  const total = sums[5];
  if (supply >= curve.x3) return (total + 20n * (supply - curve.x3) * curve.y3 + AREA_NUDGE) / AREA_SCALE;
  const coefficients = [0n, ...sums.map((sum) => sum >> AREA_SHIFT)];
  const area = deCasteljau(coefficients, parameterAt(curve, supply));
  return ((area << AREA_SHIFT) + AREA_NUDGE) / AREA_SCALE;
}

/** What it adds to the reserve to buy `credits` at `supply`, before fees; payment-token base units. */
export function areaOfBuy(curve: CurvePoints, supply: bigint, credits: bigint): bigint {
  return areaAt(curve, supply + credits) - areaAt(curve, supply);
}

/** What selling `credits` at `supply` takes out of the reserve; payment-token base units. */
export function areaOfSell(curve: CurvePoints, supply: bigint, credits: bigint): bigint {
  return areaAt(curve, supply) - areaAt(curve, supply - credits);
}

/** Fee on a purchase, as the market charges it: amount·bps/10⁴, rounded up. */
export function feeUp(amount: bigint, bps: number): bigint {
  return (amount * BigInt(bps) + 9999n) / 10000n;
}

/** Price at a supply; payment-token base units per whole credit × 1e18, rounded down. */
export function priceAt(curve: CurvePoints, supply: bigint): bigint {
  assertSupply(supply);
  if (supply >= curve.x3) return curve.y3;
  const [price] = cubic(priceCoefficients(curve), parameterAt(curve, supply));
  return curve.y0 + ((price + PRICE_NUDGE) >> PRICE_SHIFT);
}

/** Least supply s with priceAt(s) ≥ priceWad, exactly. @throws curve/out-of-range when the curve never gets there */
export function supplyAtPrice(curve: CurvePoints, priceWad: bigint): bigint {
  if (priceWad > curve.y3) {
    throw new DemecError("curve/out-of-range", `The curve never reaches ${priceWad}: its highest is ${curve.y3}.`, {
      details: { priceWad, highest: curve.y3 },
    });
  }
  if (priceWad <= curve.y0) return 0n;
  const t = 1n + largestBelow(priceCoefficients(curve), ((priceWad - curve.y0) << PRICE_SHIFT) - PRICE_NUDGE - 1n);
  const shift = supplyShift(curve);
  const [x] = cubic(supplyCoefficients(curve), t);
  return (x + (1n << shift) - 1n) >> shift;
}

/** 20 × the Bernstein coefficients 1 … 6 of ∫ y dx, a polynomial of degree 6 in t; coefficient 0 is 0. */
export function areaSums({
  x1,
  x2,
  x3,
  y0,
  y1,
  y2,
  y3,
}: CurvePoints): [bigint, bigint, bigint, bigint, bigint, bigint] {
  const [d0, d1, d2] = [x1, x2 - x1, x3 - x2];
  const a1 = 10n * d0 * y0;
  const a2 = a1 + 4n * d1 * y0 + 6n * d0 * y1;
  const a3 = a2 + d2 * y0 + 6n * d1 * y1 + 3n * d0 * y2;
  const a4 = a3 + 3n * d2 * y1 + 6n * d1 * y2 + d0 * y3;
  const a5 = a4 + 6n * d2 * y2 + 4n * d1 * y3;
  return [a1, a2, a3, a4, a5, a5 + 10n * d2 * y3];
}

type Cubic = readonly [c1: bigint, c2: bigint, c3: bigint];

/** Shift that brings x3 to exactly 144 bits. */
function supplyShift({ x3 }: CurvePoints): bigint {
  return BigInt(COEFFICIENT_BITS - x3.toString(2).length);
}

function supplyCoefficients(curve: CurvePoints): Cubic {
  const shift = supplyShift(curve);
  return [curve.x1 << shift, curve.x2 << shift, curve.x3 << shift];
}

function priceCoefficients({ y0, y1, y2, y3 }: CurvePoints): Cubic {
  return [(y1 - y0) << PRICE_SHIFT, (y2 - y0) << PRICE_SHIFT, (y3 - y0) << PRICE_SHIFT];
}

/** t(s) = max{t : x(t) ≤ s}, for s < x3. */
function parameterAt(curve: CurvePoints, supply: bigint): bigint {
  return largestBelow(supplyCoefficients(curve), supply << supplyShift(curve));
}

/** The largest t with cubic(t) ≤ target < c3: Newton's method inside a bracket, as in BezierCurve.sol. */
function largestBelow(coefficients: Cubic, target: bigint): bigint {
  let low = 0n;
  let high = T_ONE;
  let lastStep = T_ONE;
  let stretch = 1n;
  let t = (target << T_BITS) / coefficients[2];
  for (;;) {
    if (t <= low || t >= high) {
      t = (low + high) >> 1n;
      lastStep = high - low;
    }
    const [value, slope] = cubic(coefficients, t);
    const below = value <= target;
    if (below) low = t;
    else high = t;
    if (high - low < 2n) return low;
    let step = slope === 0n ? T_ONE : ((below ? target - value : value - target) << T_BITS) / slope;
    if (step * 2n > lastStep) {
      t = (low + high) >> 1n;
      lastStep = high - low;
      continue;
    }
    lastStep = step;
    if (step <= stretch) {
      step = stretch;
      stretch <<= 3n;
    } else {
      step += 1n;
    }
    t = below ? t + step : t - step;
  }
}

const lerp = (a: bigint, b: bigint, t: bigint): bigint => a + (((b - a) * t) >> T_BITS);

/** Floored de Casteljau on (0, c1, c2, c3), and the slope per unit of t. */
function cubic([c1, c2, c3]: Cubic, t: bigint): [value: bigint, slope: bigint] {
  const middle = lerp(c1, c2, t);
  const left = lerp(lerp(0n, c1, t), middle, t);
  const right = lerp(middle, lerp(c2, c3, t), t);
  return [lerp(left, right, t), 3n * (right - left)];
}

function deCasteljau(coefficients: readonly bigint[], t: bigint): bigint {
  let row = coefficients;
  while (row.length > 1) row = row.slice(1).map((b, i) => lerp(row[i]!, b, t));
  return row[0]!;
}

function assertSupply(supply: bigint): void {
  if (supply < 0n || supply > MAX_SUPPLY) {
    throw new DemecError("curve/out-of-range", `Supply ${supply} is outside 0 … ${MAX_SUPPLY}.`, {
      details: { supply },
    });
  }
}
