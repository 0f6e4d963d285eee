import type { DrawnCurve } from "./scale.ts";

/** Part of a curve's plane that is shown. Prices begin at 0, so that areas are what things cost. */
export interface Domain {
  readonly from: number;
  readonly to: number;
  readonly top: number;
}

/** The drawing's place in its picture; user units, which are about as large as pixels. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  /** Where prices are 0. */
  readonly floor: number;
}
export const WIDE: Frame = { width: 720, height: 340, left: 62, right: 18, top: 22, floor: 294 };
export const NARROW: Frame = { width: 340, height: 290, left: 54, right: 8, top: 22, floor: 244 };

export interface Plane {
  readonly domain: Domain;
  readonly frame: Frame;
  x(supply: number): number;
  y(price: number): number;
  /** Inverses. */
  supply(x: number): number;
  price(y: number): number;
}

export function plane(domain: Domain, frame: Frame): Plane {
  const { from, to, top } = domain;
  const width = frame.width - frame.left - frame.right;
  const height = frame.floor - frame.top;
  return {
    ...{ domain, frame },
    x: (supply) => frame.left + ((supply - from) / (to - from)) * width,
    y: (price) => frame.top + (1 - price / top) * height,
    supply: (x) => from + ((x - frame.left) / width) * (to - from),
    price: (y) => (1 - (y - frame.top) / height) * top,
  };
}

/** The curve itself: an SVG path has the same cubic Béziers, so nothing is approximated. Beyond its end the price stays. */
export function curvePath({ x, y }: DrawnCurve, at: Plane): string {
  const point = (i: 0 | 1 | 2 | 3) => `${at.x(x[i])} ${at.y(y[i])}`;
  const far = Math.max(x[3], at.domain.to) * 1.01;
  return `M${point(0)}C${point(1)} ${point(2)} ${point(3)}H${at.x(far)}`;
}

/** What lies below the curve. */
export const areaPath = (curve: DrawnCurve, at: Plane): string =>
  `${curvePath(curve, at)}V${at.frame.floor}H${at.x(0)}Z`;
