// Which part of a curve's plane is shown.
import { type CurvePoints, MAX_SUPPLY, priceAt } from "@demec/protocol";
import { parseUnits } from "viem";
import type { Domain } from "./geometry.ts";
import { type DrawnCurve, toNumber } from "./scale.ts";

/** What a trade that is being typed would do: credits more (buy) or less (sell). */
export interface TypedTrade {
  readonly kind: "buy" | "sell";
  readonly credits: bigint;
}

/** Whole credits by which a trade moves the supply. What is typed may be more than there can be: it moves as far as that. */
export function movedBy({ kind, credits }: TypedTrade, supply: bigint): number {
  const most = kind === "buy" ? MAX_SUPPLY - supply : supply;
  return toNumber(credits < most ? credits : most, 18) * (kind === "buy" ? 1 : -1);
}

/** All of a curve, and what a trade reaches beyond its end. */
export function wholeDomain({ x, y }: DrawnCurve, reached: number): Domain {
  return { from: 0, to: Math.max(x[3], reached) * 1.06, top: y[3] * 1.15 };
}

/**
 * The part around a supply in which a trade and what is owned are well seen.
 * @param decimals of the payment token
 * @param now supply, and as whole credits too what a trade moves it by and what the visitor owns of it
 */
export function nearDomain(curve: CurvePoints, decimals: number, now: number, moved: number, owned: number): Domain {
  const end = toNumber(curve.x3, 18);
  const reach = Math.max(Math.abs(moved) * 1.6, Math.min(owned, now) * 1.2, now * 0.25, end / 200);
  const to = now + reach * 1.2;
  // Beyond the curve's end the price stays.
  const last = to < end ? parseUnits(to.toFixed(6), 18) : curve.x3;
  const highest = toNumber(priceAt(curve, last), decimals + 18);
  // A free stretch has no height of its own.
  return {
    from: Math.max(0, now - reach),
    to,
    top: Math.max(highest * 1.35, toNumber(curve.y3, decimals + 18) / 1000),
  };
}
