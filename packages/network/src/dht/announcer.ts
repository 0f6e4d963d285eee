import { DemecError } from "@demec/protocol";
import type HyperDHT from "hyperdht";
import { toHex } from "../hex.ts";

/** DHT nodes forget an announcement after some twenty minutes. */
const REFRESH_MS = 10 * 60_000;
/** Spreads the refreshes of nodes that started together. */
const JITTER_MS = 2 * 60_000;

/** The topics that a node is announced under, kept fresh. */
export class Announcer {
  readonly #dht: HyperDHT;
  readonly #relayAddresses: () => HyperDHT.Address[];
  readonly #timers = new Map<string, { topic: Uint8Array; timer: NodeJS.Timeout }>();

  /** @param relayAddresses DHT nodes that know the way to this node, as of now */
  constructor(dht: HyperDHT, relayAddresses: () => HyperDHT.Address[]) {
    this.#dht = dht;
    this.#relayAddresses = relayAddresses;
  }

  /** @throws network/unreachable */
  async add(topic: Uint8Array): Promise<void> {
    this.#schedule(topic);
    try {
      await this.#announce(topic);
    } catch (cause) {
      throw new DemecError("network/unreachable", `Topic ${toHex(topic)} could not be announced.`, { cause });
    }
  }

  async remove(topic: Uint8Array): Promise<void> {
    const key = toHex(topic);
    clearTimeout(this.#timers.get(key)?.timer);
    if (this.#timers.delete(key)) await this.#dht.unannounce(topic, this.#dht.defaultKeyPair);
  }

  /** Announces every topic at once, as after the DHT has forgotten them. */
  refresh(): void {
    for (const { topic } of this.#timers.values()) this.#announce(topic).catch(() => {});
  }

  async close(): Promise<void> {
    await Promise.allSettled([...this.#timers.values()].map(({ topic }) => this.remove(topic)));
  }

  #announce(topic: Uint8Array): Promise<void> {
    return this.#dht.announce(topic, this.#dht.defaultKeyPair, this.#relayAddresses()).finished();
  }

  #schedule(topic: Uint8Array): void {
    const key = toHex(topic);
    clearTimeout(this.#timers.get(key)?.timer);
    const timer = setTimeout(
      () => {
        this.#schedule(topic);
        // A refresh that fails is made up for by the next one.
        this.#announce(topic).catch(() => {});
      },
      REFRESH_MS + Math.random() * JITTER_MS,
    );
    this.#timers.set(key, { topic, timer });
  }
}
