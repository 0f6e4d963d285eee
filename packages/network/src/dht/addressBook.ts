import { DemecError } from "@demec/protocol";
import type HyperDHT from "hyperdht";
import { toHex } from "../hex.ts";
import { decodeAddresses, encodeAddresses } from "./addresses.ts";

/** A DHT node keeps a record for two days; by then others may be nearer to its key. */
const REFRESH_MS = 60 * 60_000;
/** How long what was found, or not found, is taken for true. */
const REMEMBER_MS = 60_000;
const MAX_REMEMBERED = 1024;

/** Addresses of nodes, in the DHT: one small record for each node, signed by its node key. */
export class AddressBook {
  readonly #dht: HyperDHT;
  readonly #remembered = new Map<string, { addresses: Promise<readonly string[]>; untilMs: number }>();
  #refresh: NodeJS.Timeout | undefined;

  constructor(dht: HyperDHT) {
    this.#dht = dht;
  }

  /**
   * Publishes this node's addresses, and again every hour.
   * @throws network/unreachable when no DHT node takes them
   */
  async publish(addresses: readonly string[]): Promise<void> {
    clearInterval(this.#refresh);
    this.#refresh = setInterval(() => {
      // A refresh that fails is made up for by the next one.
      this.#put(addresses).catch(() => {});
    }, REFRESH_MS);
    try {
      await this.#put(addresses);
    } catch (cause) {
      throw new DemecError("network/unreachable", "This node's addresses could not be published.", { cause });
    }
  }

  /** Addresses that a node says it has; none when it says nothing or the DHT does not answer. */
  find(publicKey: Uint8Array): Promise<readonly string[]> {
    const key = toHex(publicKey);
    const known = this.#remembered.get(key);
    if (known !== undefined && known.untilMs > performance.now()) return known.addresses;
    const addresses = this.#dht.mutableGet(publicKey, { latest: false }).then(
      (record) => (record === null ? [] : decodeAddresses(record.value)),
      () => [],
    );
    this.#remembered.delete(key);
    if (this.#remembered.size >= MAX_REMEMBERED) this.#remembered.delete(this.#remembered.keys().next().value!);
    this.#remembered.set(key, { addresses, untilMs: performance.now() + REMEMBER_MS });
    return addresses;
  }

  /** Nobody was there: the next `find` asks again. */
  forget(publicKey: Uint8Array): void {
    this.#remembered.delete(toHex(publicKey));
  }

  close(): void {
    clearInterval(this.#refresh);
  }

  async #put(addresses: readonly string[]): Promise<void> {
    const { defaultKeyPair } = this.#dht;
    // A put that is not newer is dropped without a word: the clock may have been ahead at the last one.
    const last = await this.#dht.mutableGet(defaultKeyPair.publicKey);
    const seq = Math.max(Date.now(), (last?.seq ?? 0) + 1);
    await this.#dht.mutablePut(defaultKeyPair, encodeAddresses(addresses), { seq });
  }
}
