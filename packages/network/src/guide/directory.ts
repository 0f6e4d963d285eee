import type { SignedRecord } from "@demec/protocol";
import type HyperDHT from "hyperdht";

/** Signs an announcement for one DHT node. @param token that it gave */
export type Sign = (nodeId: Uint8Array, token: Uint8Array) => Promise<Uint8Array>;

/** The DHT on behalf of others, who sign what they say themselves. */
export class Directory {
  readonly #dht: HyperDHT;

  constructor(dht: HyperDHT) {
    this.#dht = dht;
  }

  /** Node keys under a topic, as each DHT node tells of them, with repetitions. */
  async *lookup(topic: Uint8Array, signal: AbortSignal): AsyncGenerator<readonly Uint8Array[], void, void> {
    const query = this.#dht.lookup(topic);
    const abort = () => query.destroy();
    signal.addEventListener("abort", abort, { once: true });
    try {
      for await (const { peers } of query) {
        if (signal.aborted) return;
        yield peers.map(({ publicKey }) => publicKey);
      }
    } finally {
      signal.removeEventListener("abort", abort);
      query.destroy();
    }
  }

  read(publicKey: Uint8Array, isNewest: boolean): Promise<SignedRecord | null> {
    return this.#dht.mutableGet(publicKey, { latest: isNewest });
  }

  /** The DHT drops it without a word when the signature is not the key's, or it is older than what it has. */
  async put(publicKey: Uint8Array, { seq, value, signature }: SignedRecord): Promise<void> {
    await this.#dht.mutablePut({ publicKey }, value, { seq, signMutable: () => signature });
  }

  async announce(topic: Uint8Array, publicKey: Uint8Array, sign: Sign): Promise<void> {
    const signAnnounce = (_: Uint8Array, token: Uint8Array, nodeId: Uint8Array) => sign(nodeId, token);
    await this.#dht.announce(topic, { publicKey }, [], { signAnnounce }).finished();
  }

  async unannounce(topic: Uint8Array, publicKey: Uint8Array, sign: Sign): Promise<void> {
    const signUnannounce = (_: Uint8Array, token: Uint8Array, nodeId: Uint8Array) => sign(nodeId, token);
    await this.#dht.unannounce(topic, { publicKey }, { signUnannounce });
  }
}
