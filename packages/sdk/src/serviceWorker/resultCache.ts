import type { Hex } from "@demec/protocol";

/** Bytes that an entry takes beside its body. */
const ENTRY_BYTES = 1_024;
const BYTES = "demec-bytes";
/** Names who has changed the cache last. */
const WRITER = "/writer";

/**
 * Results by what they follow from, for ever: calls are pure. The longest unused go when there are too many bytes of them.
 * The browser may take them all.
 *
 * What is in the cache is counted once and then remembered, for as long as nobody else writes to it: workers of two scopes of
 * an origin may share one. So whoever changes it holds a lock, and puts its name into the cache before it does; whoever finds
 * another name there counts anew.
 */
export class ResultCache {
  readonly #name: string;
  readonly #cache: Promise<Cache>;
  readonly #maxBytes: number;
  readonly #writer = crypto.randomUUID();
  /** Bytes of the entries by their paths, the longest unused first. Of no use where another has written since. */
  #sizes = new Map<string, number>();
  #total = 0;

  constructor(name: string, maxBytes: number) {
    this.#name = name;
    this.#cache = caches.open(name);
    this.#maxBytes = maxBytes;
  }

  /** @param key hash of the service and the whole call */
  async get(key: Hex): Promise<Response | null> {
    const path = `/${key}`;
    const found = await (await this.#cache).match(path);
    if (found === undefined) return null;
    const used = found.clone();
    // Entries stand in the order in which they were put. One that went meanwhile is gone.
    void this.#change(async (cache) => {
      const bytes = this.#sizes.get(path);
      if (bytes === undefined) return;
      await cache.put(path, used);
      this.#count(path, bytes);
    });
    return found;
  }

  /** Where the browser has no room the result is not kept: it was paid for all the same. */
  async put(key: Hex, body: Uint8Array, headers: Readonly<Record<string, string>>): Promise<void> {
    const path = `/${key}`;
    const bytes = body.length + ENTRY_BYTES;
    if (bytes > this.#maxBytes) return;
    await this.#change(async (cache) => {
      await this.#remove(cache, path);
      for (const oldest of this.#sizes.keys()) {
        if (this.#total + bytes <= this.#maxBytes) break;
        await this.#remove(cache, oldest);
      }
      await cache.put(path, new Response(new Uint8Array(body), { headers: { ...headers, [BYTES]: `${bytes}` } }));
      this.#count(path, bytes);
    });
  }

  async #remove(cache: Cache, path: string): Promise<void> {
    await cache.delete(path);
    this.#total -= this.#sizes.get(path) ?? 0;
    this.#sizes.delete(path);
  }

  /** It was put now. */
  #count(path: string, bytes: number): void {
    this.#total += bytes - (this.#sizes.get(path) ?? 0);
    this.#sizes.delete(path);
    this.#sizes.set(path, bytes);
  }

  /** One after the other, whoever does it; what fails is no worse than not having been kept. */
  async #change(change: (cache: Cache) => Promise<void>): Promise<void> {
    await navigator.locks
      .request(this.#name, async () => {
        const cache = await this.#cache;
        const writer = await (await cache.match(WRITER))?.text();
        if (writer !== this.#writer) await this.#takeOver(cache);
        try {
          await change(cache);
        } catch {
          // What became of it is not known: whoever writes next counts.
          await cache.delete(WRITER);
        }
      })
      .catch(() => undefined);
  }

  async #takeOver(cache: Cache): Promise<void> {
    this.#sizes = new Map();
    this.#total = 0;
    for (const request of await cache.keys()) {
      const bytes = (await cache.match(request))?.headers.get(BYTES);
      if (bytes) this.#count(new URL(request.url).pathname, Number(bytes));
    }
    await cache.put(WRITER, new Response(this.#writer));
  }
}
