/** A few texts that a worker keeps from one start to the next. */
export class Settings {
  readonly #cache: Promise<Cache>;

  /** @param name of the cache that they are kept in */
  constructor(name: string) {
    this.#cache = caches.open(name);
  }

  async get(name: string): Promise<string | null> {
    const kept = await (await this.#cache).match(pathOf(name));
    return kept === undefined ? null : kept.text();
  }

  async set(name: string, value: string): Promise<void> {
    await (await this.#cache).put(pathOf(name), new Response(value));
  }
}

const pathOf = (name: string) => `/${encodeURIComponent(name)}`;
