import type { Hex } from "@demec/protocol";
import type { Connection } from "../connection.ts";
import type { FoundPeer, Node } from "../dht/node.ts";

const MAX_PEERS = 8;
const RETRY_MS = 500;

/** Peers that announce a core: looked up again and again, connected to, and let go at the end. */
export class Sources {
  readonly #topic: Uint8Array;
  readonly #node: Node | undefined;
  readonly #use: (connection: Connection) => void;
  readonly #connections = new Map<Hex, Connection>();
  #searching: Promise<void> = Promise.resolve();

  /** @param use gets every connection as soon as it is there */
  constructor(topic: Uint8Array, node: Node | undefined, use: (connection: Connection) => void) {
    this.#topic = topic;
    this.#node = node;
    this.#use = use;
  }

  /** Peers that were reached so far. */
  get asked(): number {
    return this.#connections.size;
  }

  /** Searches in the background until the signal. */
  search(signal: AbortSignal): void {
    if (this.#node !== undefined) this.#searching = this.#search(this.#node, signal);
  }

  async #search(node: Node, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const connecting: Promise<void>[] = [];
      try {
        for await (const peer of node.lookup(this.#topic, { signal, limit: MAX_PEERS })) {
          if (peer.publicKey === node.publicKey || this.#connections.has(peer.publicKey)) continue;
          if (this.#connections.size + connecting.length >= MAX_PEERS) break;
          connecting.push(this.#connect(node, peer, signal));
        }
      } catch {
        // A lookup that failed is repeated like one that found nobody.
      }
      await Promise.all(connecting);
      await pause(RETRY_MS, signal);
    }
  }

  async #connect(node: Node, peer: FoundPeer, signal: AbortSignal): Promise<void> {
    try {
      const connection = await node.connect(peer.publicKey, { signal, relayAddresses: peer.relayAddresses });
      this.#connections.set(peer.publicKey, connection);
      connection.closed.then(() => this.#connections.delete(peer.publicKey));
      this.#use(connection);
    } catch {
      // One peer that can't be reached is no reason to stop.
    }
  }

  /** After the search was stopped: says goodbye to all. */
  async close(): Promise<void> {
    await this.#searching;
    await Promise.all([...this.#connections.values()].map((connection) => connection.close()));
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
    if (signal.aborted) done();
  });
}
