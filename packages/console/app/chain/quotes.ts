// What trades cost and yield, by the same integers as the contracts'.
import type { Service } from "@demec/chain";
import { areaOfBuy, areaOfSell, feeUp, MAX_SUPPLY, supplyAtPrice } from "@demec/protocol";
import type { Standing } from "./queries.ts";

export interface BuyQuote {
  readonly cost: bigint;
  readonly area: bigint;
  readonly protocolFee: bigint;
  readonly royalty: bigint;
}

/** Null where so many credits can't be. */
export function quoteBuy(service: Service, { supply }: Standing, credits: bigint, feeBps: number): BuyQuote | null {
  if (supply + credits > MAX_SUPPLY) return null;
  const area = areaOfBuy(service.curve, supply, credits);
  const protocolFee = feeUp(area, feeBps);
  const royalty = feeUp(area, service.royaltyBps);
  return { cost: area + protocolFee + royalty, area, protocolFee, royalty };
}

/** Null where there are not so many credits. */
export const quoteSell = ({ curve }: Service, { supply }: Standing, credits: bigint): bigint | null =>
  credits > supply ? null : areaOfSell(curve, supply, credits);

/** Credits that can be sold before the price falls below a least one, of those that are owned. */
export function sellableAt({ curve }: Service, { supply }: Standing, owned: bigint, leastWad: bigint): bigint {
  if (leastWad > curve.y3) return 0n;
  const floor = supplyAtPrice(curve, leastWad);
  if (floor >= supply) return 0n;
  return supply - floor < owned ? supply - floor : owned;
}

export const withSlippageUp = (cost: bigint, bps: number): bigint => (cost * BigInt(10_000 + bps) + 9_999n) / 10_000n;
export const withSlippageDown = (proceeds: bigint, bps: number): bigint => (proceeds * BigInt(10_000 - bps)) / 10_000n;
