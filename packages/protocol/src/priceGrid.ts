import { DemecError } from "./errors.ts";

/** Basis points (1/10,000) of the proceeds that a limit order can leave to whoever fills it. */
export const TIPS_BPS = [0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512] as const;
export type TipBps = (typeof TIPS_BPS)[number];

/** Least size of a limit order, credits with 18 decimals; the lot of its price when that is larger. */
export const MIN_ORDER_CREDITS = 10n ** 18n;

/** What a tick of the order book stands for. */
export interface Ask {
  /** Payment-token base units per whole credit × 1e18. */
  readonly priceWad: bigint;
  readonly tipBps: TipBps;
  /** Amounts at this price are whole multiples of it; credits with 18 decimals. */
  readonly lot: bigint;
}

// The grid of PriceGrid.sol, integer for integer; docs/limit-orders.md explains it.
const LEAST_MANTISSA = 1000n;
const MANTISSAS = 9000n;
const LEAST_EXPONENT = 8n;
const LEVELS = 252_000n;
const RANKS = 16n;

/**
 * The tick at which a seller asks at least a price for every credit: prices have four significant decimal digits, others are
 * rounded up to the next.
 * @param priceWad payment-token base units per whole credit × 1e18; 0 … 9999·10^35
 * @throws protocol/out-of-range for a price above the grid, or a tip that isn't on the list
 */
export function tickOf(priceWad: bigint, tipBps: TipBps): bigint {
  const tipClass = TIPS_BPS.indexOf(tipBps);
  if (tipClass < 0) {
    throw new DemecError("protocol/out-of-range", `A tip of ${tipBps} bps is not one of ${TIPS_BPS.join(", ")}.`, {
      details: { tipBps, allowed: TIPS_BPS },
    });
  }
  let exponent = BigInt(Math.max(priceWad.toString().length - 4, Number(LEAST_EXPONENT)));
  let mantissa = divideUp(priceWad, 10n ** exponent);
  if (mantissa === LEAST_MANTISSA + MANTISSAS) {
    mantissa = LEAST_MANTISSA;
    exponent += 1n;
  }
  if (mantissa < LEAST_MANTISSA) mantissa = LEAST_MANTISSA;
  const level = (exponent - LEAST_EXPONENT) * MANTISSAS + mantissa - LEAST_MANTISSA;
  if (priceWad < 0n || level >= LEVELS) {
    const highest = askOf(LEVELS * RANKS - 1n).priceWad;
    throw new DemecError("protocol/out-of-range", `The price ${priceWad} is outside 0 … ${highest}.`, {
      details: { priceWad, highest },
    });
  }
  return level * RANKS + RANKS - 1n - BigInt(tipClass);
}

/** Inverse of {@link tickOf}. @throws protocol/out-of-range for a tick that doesn't exist */
export function askOf(tick: bigint): Ask {
  const level = tick / RANKS;
  const tipBps = TIPS_BPS[Number(RANKS - 1n - (tick % RANKS))];
  if (tick < 0n || level >= LEVELS || tipBps === undefined) {
    throw new DemecError("protocol/out-of-range", `There is no tick ${tick}.`, { details: { tick } });
  }
  const exponent = LEAST_EXPONENT + level / MANTISSAS;
  return {
    priceWad: (LEAST_MANTISSA + (level % MANTISSAS)) * 10n ** exponent,
    tipBps,
    lot: 10n ** (36n - exponent),
  };
}

const divideUp = (a: bigint, b: bigint): bigint => (a + b - 1n) / b;
