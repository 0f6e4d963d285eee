import { type CurvePoints, MAX_SUPPLY, UINT128_MAX } from "@demec/protocol";

/** A curve and where it is evaluated. */
export interface CurvePoint {
  readonly curve: CurvePoints;
  /** Credits, 18 decimals, 0 … 2^96 − 1. */
  readonly supply: bigint;
  /** At most the curve's highest price. */
  readonly priceWad: bigint;
}

/** Reproducible random integers: splitmix64 words, as many as a bound needs. */
export class Random {
  #state: bigint;

  constructor(seed: bigint) {
    this.#state = seed;
  }

  /** 0 … max */
  below(max: bigint): bigint {
    let value = 0n;
    for (let bits = 0; bits < 192; bits += 64) value = (value << 64n) | this.#word();
    return value % (max + 1n);
  }

  /** 0 … max, each order of magnitude as likely as any other, and both ends often. */
  magnitude(max: bigint): bigint {
    const kind = this.below(9n);
    if (kind === 0n) return max;
    const value = this.below(max) >> this.below(BigInt(max.toString(2).length));
    return kind === 1n ? max - value : value;
  }

  #word(): bigint {
    this.#state = BigInt.asUintN(64, this.#state + 0x9e3779b97f4a7c15n);
    let z = this.#state;
    z = BigInt.asUintN(64, (z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n);
    z = BigInt.asUintN(64, (z ^ (z >> 27n)) * 0x94d049bb133111ebn);
    return z ^ (z >> 31n);
  }
}

const X = MAX_SUPPLY;
const Y = UINT128_MAX;
const SUPPLIES: readonly (readonly [bigint, bigint, bigint])[] = [
  [1n, 2n, 3n],
  [1n, 2n, X],
  [1n, X - 1n, X],
  [X - 2n, X - 1n, X],
  [X / 2n, X / 2n + 1n, X],
  [X / 3n, (2n * X) / 3n, X],
  [1n, 2n, 2n ** 60n],
  [3n * 10n ** 23n, 7n * 10n ** 23n, 10n ** 24n],
];
const PRICES: readonly (readonly [bigint, bigint, bigint, bigint])[] = [
  [0n, 0n, 0n, 1n],
  [0n, 0n, 0n, Y],
  [0n, 0n, Y, Y],
  [0n, Y, Y, Y],
  [Y, Y, Y, Y],
  [Y - 1n, Y - 1n, Y - 1n, Y],
  [0n, 1n, Y - 1n, Y],
  [0n, Y / 2n, Y / 2n, Y],
  [10n ** 22n, 10n ** 22n, 10n ** 23n, 10n ** 23n],
];

/** The flattest and steepest curves of the range, each at its corners. */
export function* adversarialPoints(): Generator<CurvePoint> {
  for (const [x1, x2, x3] of SUPPLIES) {
    for (const [y0, y1, y2, y3] of PRICES) {
      const curve = { x1, x2, x3, y0, y1, y2, y3 };
      const prices = [0n, y0, y0 + 1n, y1, y2, y3 - 1n, y3];
      const supplies = [0n, 1n, x1, x1 + 1n, x2, x3 - 1n, x3, x3 + 1n, x3 / 2n, X];
      for (const [i, supply] of supplies.entries()) {
        const priceWad = prices[i % prices.length]!;
        if (supply <= X && priceWad >= 0n && priceWad <= y3) yield { curve, supply, priceWad };
      }
    }
  }
}

/** `count` random curves with one point each. */
export function* randomPoints(count: number, seed: bigint): Generator<CurvePoint> {
  const random = new Random(seed);
  for (let i = 0; i < count; i++) {
    const x3 = 3n + random.magnitude(X - 3n);
    const x2 = 2n + random.magnitude(x3 - 3n);
    const x1 = 1n + random.magnitude(x2 - 2n);
    const y3 = 1n + random.magnitude(Y - 1n);
    const y2 = random.magnitude(y3);
    const y1 = random.magnitude(y2);
    const y0 = random.magnitude(y1);
    const curve = { x1, x2, x3, y0, y1, y2, y3 };
    const beyond = random.below(15n) === 0n;
    yield {
      curve,
      supply: beyond ? x3 + random.magnitude(X - x3) : random.magnitude(x3),
      priceWad: random.magnitude(y3),
    };
  }
}
