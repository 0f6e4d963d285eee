import type { CurvePoints } from "./curve.ts";

/**
 * The curve in exact rational arithmetic: the reference that the integers of curve.ts and BezierCurve.sol are measured
 * against. Nothing here is shared with them: powers instead of Bernstein sums, plain bisection instead of Newton.
 *
 * The parameter t that belongs to a supply is irrational in general, so it is enclosed between two neighbours of a grid of
 * 2^320 points; polynomials at grid points are exact, and what depends on t is enclosed with it.
 */
const GRID_BITS = 320n;
const GRID = 1n << GRID_BITS;

/** Exact fractions numerator/denominator that enclose a real number. */
export interface Enclosure {
  readonly low: bigint;
  readonly high: bigint;
  readonly denominator: bigint;
}

/** Exact area under the curve from 0 to `supply`, payment-token base units. */
export function exactArea(curve: CurvePoints, supply: bigint): Enclosure {
  const xs = powers(0n, curve.x1, curve.x2, curve.x3);
  const ys = powers(curve.y0, curve.y1, curve.y2, curve.y3);
  // ∫ y x' dt: coefficients of the product, each divided by its power; 60 is the common denominator of 1 … 6.
  const area = Array<bigint>(7).fill(0n);
  ys.forEach((y, i) => {
    [xs[1]!, 2n * xs[2]!, 3n * xs[3]!].forEach((x, j) => {
      area[i + j + 1]! += (y * x * 60n) / BigInt(i + j + 1);
    });
  });
  const denominator = 60n * GRID ** 6n * 10n ** 36n;
  if (supply >= curve.x3) {
    const beyond = (supply - curve.x3) * curve.y3 * 60n * GRID ** 6n;
    const exact = atGridPoint(area, GRID, 6) + beyond;
    return { low: exact, high: exact, denominator };
  }
  const t = gridBelow(xs, supply);
  return { low: atGridPoint(area, t, 6), high: atGridPoint(area, t + 1n, 6), denominator };
}

/** Exact price at a supply, payment-token base units per whole credit × 1e18. */
export function exactPrice(curve: CurvePoints, supply: bigint): Enclosure {
  const denominator = GRID ** 3n;
  if (supply >= curve.x3) return { low: curve.y3 * denominator, high: curve.y3 * denominator, denominator };
  const ys = powers(curve.y0, curve.y1, curve.y2, curve.y3);
  const t = gridBelow(powers(0n, curve.x1, curve.x2, curve.x3), supply);
  return { low: atGridPoint(ys, t, 3), high: atGridPoint(ys, t + 1n, 3), denominator };
}

/** Coefficients of 1, t, t², t³ of a cubic Bézier polynomial. */
function powers(p0: bigint, p1: bigint, p2: bigint, p3: bigint): bigint[] {
  return [p0, 3n * (p1 - p0), 3n * (p0 - 2n * p1 + p2), p3 - 3n * p2 + 3n * p1 - p0];
}

/** Polynomial at t = point/2^320, times 2^(320·degree): exact. */
function atGridPoint(coefficients: readonly bigint[], point: bigint, degree: number): bigint {
  let value = 0n;
  let scale = 1n;
  for (let k = degree; k >= 0; k--) {
    value = value * point + coefficients[k]! * scale;
    scale <<= GRID_BITS;
  }
  return value;
}

/** The last grid point at which the supply does not exceed `supply`. */
function gridBelow(xs: readonly bigint[], supply: bigint): bigint {
  const target = supply * GRID ** 3n;
  let low = 0n;
  let high = GRID;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (atGridPoint(xs, middle, 3) <= target) low = middle;
    else high = middle;
  }
  return low;
}
