import { DemecError, type Hex, type SignedRecord } from "@demec/protocol";
import type HyperDHT from "hyperdht";
import { toHex } from "../hex.ts";
import type { FoundPeer, LookupOptions } from "../networkTypes.ts";

/** Signs an announcement for one DHT node. @param token that it gave */
export type Sign = (nodeId: Uint8Array, token: Uint8Array) => Promise<Uint8Array>;

/** The DHT, also on behalf of others, who sign what they say themselves. */
export class Directory {
  readonly #dht: HyperDHT;

  constructor(dht: HyperDHT) {
    this.#dht = dht;
  }

  /**
   * Nodes that announced a topic, each once, as the DHT tells of them.
   * @throws network/unreachable when no DHT node answers
   * @throws network/aborted
   */
  async *lookup(topic: Uint8Array, { signal, limit = 64 }: LookupOptions = {}): AsyncGenerator<FoundPeer, void, void> {
    const query = this.#dht.lookup(topic);
    const abort = () => query.destroy();
    signal?.addEventListener("abort", abort, { once: true });
    const seen = new Set<Hex>();
    try {
      if (signal?.aborted) throw aborted(signal);
      for await (const { peers } of query) {
        for (const peer of peers) {
          const publicKey = toHex(peer.publicKey);
          if (seen.has(publicKey)) continue;
          if (seen.size >= limit) return;
          seen.add(publicKey);
          yield { publicKey, relayAddresses: peer.relayAddresses };
        }
      }
      if (signal?.aborted) throw aborted(signal);
      if (query.successes === 0) {
        throw new DemecError("network/unreachable", `No DHT node answered the lookup of ${toHex(topic)}.`);
      }
    } finally {
      signal?.removeEventListener("abort", abort);
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

function aborted(signal: AbortSignal): DemecError {
  return new DemecError("network/aborted", "The lookup was called off.", { cause: signal.reason });
}
