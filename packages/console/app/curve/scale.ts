// From amounts to places on the screen. Only here do amounts become floating point: for drawing.
import type { CurvePoints } from "@demec/protocol";
import { formatUnits } from "viem";

/** Whole credits, and whole payment tokens per credit, as a drawing needs them. */
export interface DrawnCurve {
  readonly x: readonly [number, number, number, number];
  readonly y: readonly [number, number, number, number];
}

export const toNumber = (value: bigint, decimals: number): number => Number(formatUnits(value, decimals));

export function drawn(curve: CurvePoints, decimals: number): DrawnCurve {
  const price = (priceWad: bigint) => toNumber(priceWad, decimals + 18);
  return {
    x: [0, toNumber(curve.x1, 18), toNumber(curve.x2, 18), toNumber(curve.x3, 18)],
    y: [price(curve.y0), price(curve.y1), price(curve.y2), price(curve.y3)],
  };
}

/** Round numbers from 0 to at most `max`, about as many as asked for. */
export function ticks(min: number, max: number, count: number): number[] {
  const rough = (max - min) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const first = Math.ceil(min / step - 1e-9);
  return Array.from({ length: Math.floor(max / step + 1e-9) - first + 1 }, (_, i) => (first + i) * step);
}

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });

/** A tick's number, short: 1.5K, 0.0125. */
export function tickText(value: number, step: number): string {
  if (Math.abs(value) >= 10_000) return compact.format(value);
  const places = Math.max(0, Math.min(12, -Math.floor(Math.log10(step) + 1e-9)));
  return value.toFixed(places).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, "\u202f");
}
