/** A rate is quoted anew after so long; milliseconds. */
const FRESH_MS = 10_000;
const ONE_CREDIT = 10n ** 18n;

interface Rate {
  /** Payment-token base units for one whole credit, fees included. */
  readonly cost: bigint;
  readonly quotedMs: number;
}

/** What credits of one service cost now, and did cost a moment ago: whoever was quoted a price pays that price. */
export class Rates {
  readonly #quote: (credits: bigint) => Promise<bigint>;
  readonly #honouredMs: number;
  #rates: readonly Rate[] = [];
  #quoting: Promise<void> | null = null;

  /**
   * @param quote what credits would cost now; payment-token base units
   * @param honouredMs how long an earlier rate counts besides the newest
   */
  constructor(quote: (credits: bigint) => Promise<bigint>, honouredMs: number) {
    this.#quote = quote;
    this.#honouredMs = honouredMs;
  }

  /** The newest rate, then the earlier ones that still count; base units for one whole credit. @throws chain/rpc */
  async all(): Promise<readonly bigint[]> {
    const [newest] = this.#rates;
    if (newest === undefined || performance.now() - newest.quotedMs > FRESH_MS) {
      this.#quoting ??= this.#renew().finally(() => {
        this.#quoting = null;
      });
      await this.#quoting;
    }
    return this.#rates.map(({ cost }) => cost);
  }

  async #renew(): Promise<void> {
    const cost = await this.#quote(ONE_CREDIT);
    const now = performance.now();
    const earlier = this.#rates.filter((rate) => rate.cost !== cost && now - rate.quotedMs < this.#honouredMs);
    this.#rates = [{ cost, quotedMs: now }, ...earlier];
  }
}

/** What so many credits cost at a rate, rounded up. */
export const costUp = (credits: bigint, rate: bigint): bigint => (credits * rate + ONE_CREDIT - 1n) / ONE_CREDIT;
