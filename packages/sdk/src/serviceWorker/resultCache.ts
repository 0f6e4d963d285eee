import type { Hex } from "@demec/protocol";

/** Bytes that an entry takes beside its body. */
const ENTRY_BYTES = 1_024;
const BYTES = "demec-bytes";

/**
 * Results by what they follow from, for ever: calls are pure. The longest unused go when there are too many bytes of them.
 * The browser may take them all.
 */
export class ResultCache {
  readonly #cache: Promise<Cache>;
  readonly #maxBytes: number;
  #turn: Promise<void> = Promise.resolve();

  constructor(name: string, maxBytes: number) {
    this.#cache = caches.open(name);
    this.#maxBytes = maxBytes;
  }

  /** @param key hash of the service and the whole call */
  async get(key: Hex): Promise<Response | null> {
    const cache = await this.#cache;
    const found = await cache.match(`/${key}`);
    if (found === undefined) return null;
    // Entries stand in the order in which they were put.
    const used = found.clone();
    void this.#next(() => cache.put(`/${key}`, used));
    return found;
  }

  /** Where the browser has no room the result is not kept: it was paid for all the same. */
  async put(key: Hex, body: Uint8Array, headers: Readonly<Record<string, string>>): Promise<void> {
    const bytes = body.length + ENTRY_BYTES;
    if (bytes > this.#maxBytes) return;
    const cache = await this.#cache;
    await this.#next(async () => {
      const kept = new Response(new Uint8Array(body), { headers: { ...headers, [BYTES]: `${bytes}` } });
      await cache.put(`/${key}`, kept);
      await this.#evict(cache);
    });
  }

  async #evict(cache: Cache): Promise<void> {
    const entries = await Promise.all(
      (await cache.keys()).map(async (request) => {
        const bytes = (await cache.match(request))?.headers.get(BYTES);
        return { request, bytes: Number(bytes ?? 0) };
      }),
    );
    let total = entries.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { request, bytes } of entries) {
      if (total <= this.#maxBytes) return;
      await cache.delete(request);
      total -= bytes;
    }
  }

  /** One after the other; what fails is no worse than not having been kept. */
  #next(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn.then(work).catch(() => undefined);
    return this.#turn;
  }
}
