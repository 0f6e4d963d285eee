import type { ReadClient } from "@demec/chain";
import { type CurvePoints, DemecError, type Tariff } from "@demec/protocol";
import { erc20Abi, formatUnits, parseUnits } from "viem";
import { readContract } from "viem/actions";

/** Name and decimals of a payment token. */
export interface Money {
  readonly symbol: string;
  readonly decimals: number;
}

export async function readMoney(client: ReadClient, token: `0x${string}`): Promise<Money> {
  const contract = { address: token, abi: erc20Abi } as const;
  const [symbol, decimals] = await Promise.all([
    readContract(client, { ...contract, functionName: "symbol" }),
    readContract(client, { ...contract, functionName: "decimals" }),
  ]);
  return { symbol, decimals };
}

/** A decimal number in units of 10^−decimals. @throws cli/bad-option for anything else, or more digits than there are */
export function parseAmount(name: string, text: string, decimals: number): bigint {
  const digits = /^\d+(?:\.(\d+))?$/.exec(text);
  if (!digits || (digits[1]?.length ?? 0) > decimals) {
    throw new DemecError("cli/bad-option", `${name} is "${text}", not a number with at most ${decimals} decimals.`, {
      details: { name, text },
    });
  }
  return parseUnits(text, decimals);
}

/** A number of at least 0, decimals allowed. @throws cli/bad-option */
export function parseDecimal(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+(?:\.\d+)?$/.test(text) || value > max) {
    throw new DemecError("cli/bad-option", `${name} is "${text}", not a number from 0 to ${max}.`, {
      details: { name, text },
    });
  }
  return value;
}

/** The same, above 0. */
export function parsePositive(name: string, text: string, max: number): number {
  const value = parseDecimal(name, text, max);
  if (value === 0) throw new DemecError("cli/bad-option", `${name} is 0.`, { details: { name, text } });
  return value;
}

/** Credits with 18 decimals, greater than 0. */
export function parseCredits(text: string): bigint {
  const credits = parseAmount("Credits", text, 18);
  if (credits === 0n) throw new DemecError("cli/bad-option", "Credits are 0.", { details: { text } });
  return credits;
}

export const formatCredits = (credits: bigint): string => formatUnits(credits, 18);

export function formatMoney(amount: bigint, { decimals, symbol }: Money): string {
  return `${formatUnits(amount, decimals)} ${symbol}`;
}

/** A price per whole credit × 1e18, as whole payment tokens, to six significant digits: for people to read. */
export function formatPrice(priceWad: bigint, { decimals, symbol }: Money): string {
  const exact = Number(formatUnits(priceWad, decimals + 18));
  return `${exact.toLocaleString("en", { maximumSignificantDigits: 6, useGrouping: false })} ${symbol}/credit`;
}

/**
 * A curve as `y0,x1:y1,x2:y2,x3:y3`: prices in whole payment tokens per credit, supplies in whole credits.
 * @throws cli/bad-option; curve/… when it is no curve is said by `createService`
 */
export function parseCurve(text: string, { decimals }: Money): CurvePoints {
  const [first, ...points] = text.split(",");
  const pairs = points.map((point) => point.split(":"));
  if (first === undefined || pairs.length !== 3 || pairs.some((pair) => pair.length !== 2)) {
    throw new DemecError("cli/bad-option", `Curve "${text}" is not y0,x1:y1,x2:y2,x3:y3.`, { details: { text } });
  }
  const supply = (index: number) => parseAmount("Curve supply", pairs[index]![0]!, 18);
  const price = (price: string) => parseAmount("Curve price", price, decimals + 18);
  return {
    x1: supply(0),
    x2: supply(1),
    x3: supply(2),
    y0: price(first),
    y1: price(pairs[0]![1]!),
    y2: price(pairs[1]![1]!),
    y3: price(pairs[2]![1]!),
  };
}

/** Six coefficients a,b,c,d,e,f in credits per million bitOps, million floatOps, megabyte, second, second, second. */
export function parseTariff(text: string): Tariff {
  const [a, b, c, d, e, f, ...more] = text.split(",").map((part) => {
    const negative = part.startsWith("-");
    const value = parseAmount("Tariff coefficient", negative ? part.slice(1) : part, 18);
    return negative ? -value : value;
  });
  if (f === undefined || more.length > 0) {
    throw new DemecError("cli/bad-option", `Tariff "${text}" is not six numbers.`, { details: { text } });
  }
  return { a: a!, b: b!, c: c!, d: d!, e: e!, f };
}

/** A whole number in a range. @throws cli/bad-option */
export function parseInteger(name: string, text: string, max: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > max) {
    throw new DemecError("cli/bad-option", `${name} is "${text}", not a whole number up to ${max}.`, {
      details: { name, text },
    });
  }
  return value;
}
