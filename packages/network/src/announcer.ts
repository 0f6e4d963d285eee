import { DemecError } from "@demec/protocol";
import { toHex } from "./hex.ts";

/** DHT nodes forget an announcement after some twenty minutes. */
const REFRESH_MS = 10 * 60_000;
/** Spreads the refreshes of nodes that started together. */
const JITTER_MS = 2 * 60_000;

/** Where topics are announced: the DHT, or a guide that does it. */
export interface TopicStore {
  announce(topic: Uint8Array): Promise<void>;
  unannounce(topic: Uint8Array): Promise<void>;
}

/** The topics that a node is announced under, kept fresh. */
export class Announcer {
  readonly #store: TopicStore;
  readonly #timers = new Map<string, { topic: Uint8Array; timer: ReturnType<typeof setTimeout> }>();

  constructor(store: TopicStore) {
    this.#store = store;
  }

  /** @throws network/unreachable */
  async add(topic: Uint8Array): Promise<void> {
    this.#schedule(topic);
    try {
      await this.#store.announce(topic);
    } catch (cause) {
      throw new DemecError("network/unreachable", `Topic ${toHex(topic)} could not be announced.`, { cause });
    }
  }

  async remove(topic: Uint8Array): Promise<void> {
    const key = toHex(topic);
    clearTimeout(this.#timers.get(key)?.timer);
    if (this.#timers.delete(key)) await this.#store.unannounce(topic);
  }

  /** Announces every topic at once, as after the DHT has forgotten them. */
  refresh(): void {
    for (const { topic } of this.#timers.values()) this.#store.announce(topic).catch(() => {});
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#timers.values()].map(({ topic }) => this.remove(topic)));
  }

  #schedule(topic: Uint8Array): void {
    const key = toHex(topic);
    clearTimeout(this.#timers.get(key)?.timer);
    const timer = setTimeout(
      () => {
        this.#schedule(topic);
        // A refresh that fails is made up for by the next one.
        this.#store.announce(topic).catch(() => {});
      },
      REFRESH_MS + Math.random() * JITTER_MS,
    );
    this.#timers.set(key, { topic, timer });
  }
}
