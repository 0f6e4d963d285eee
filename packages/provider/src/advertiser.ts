import { type Advert, encodeAdvert, MAX_ADVERTISED_SERVICES } from "@demec/protocol";
import type { Logger } from "./logger.ts";

/** An advert is renewed so often, and believed for twice as long; milliseconds. */
const RENEW_MS = 10 * 60_000;
/** How often it is looked whether there is room again, or none any more; milliseconds. */
const LOOK_MS = 15_000;

export interface AdvertiserOptions {
  readonly publish: (record: Uint8Array) => Promise<void>;
  /** What is true now; of its services, the first ten are told. */
  readonly advert: () => Omit<Advert, "expiry">;
  readonly logger: Logger;
}

/** Keeps a provider's advert in the DHT true: whether there is room at once, how much room every ten minutes. */
export class Advertiser {
  readonly #options: AdvertiserOptions;
  #timer: ReturnType<typeof setInterval> | null = null;
  #publishing: Promise<void> = Promise.resolve();
  #publishedMs = Number.NEGATIVE_INFINITY;
  #hadRoom: boolean | null = null;

  constructor(options: AdvertiserOptions) {
    this.#options = options;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_MS);
    this.look();
  }

  /** Resolves when nothing more is under way. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearInterval(this.#timer);
    await this.#publishing;
  }

  /** Tells anew if there is room now and was none, or the other way round; it does so by itself every 15 s. */
  look(): void {
    const { publish, advert, logger } = this.#options;
    const { services, ...rest } = advert();
    const hasRoom = services.some(({ freeSessions }) => freeSessions > 0);
    const nowMs = performance.now();
    if (hasRoom === this.#hadRoom && nowMs - this.#publishedMs < RENEW_MS) return;
    this.#hadRoom = hasRoom;
    this.#publishedMs = nowMs;
    const expiry = Math.floor((Date.now() + 2 * RENEW_MS) / 1_000);
    const record = encodeAdvert({ ...rest, expiry, services: services.slice(0, MAX_ADVERTISED_SERVICES) });
    this.#publishing = this.#publishing
      .then(() => publish(record))
      .catch((error) => {
        // Buyers do without; the next look tries again.
        this.#publishedMs = Number.NEGATIVE_INFINITY;
        logger.warn({ error }, "the advert could not be published");
      });
  }
}
