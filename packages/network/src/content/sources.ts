import type { Hex } from "@demec/protocol";
import type { Connection } from "../connection.ts";
import type { Node } from "../dht/node.ts";
import type { FoundPeer } from "../networkTypes.ts";

const MAX_PEERS = 8;
const RETRY_MS = 250;
/** Connections that are there already have so long before others are searched for; milliseconds. */
const HEAD_START_MS = 1_000;

/** What finds peers and reaches them: a node of the DHT, or one of a page. */
export type Searcher = Pick<Node, "publicKey" | "lookup" | "connect">;

export interface SourcesOptions {
  /** Under which a core's holders are announced. */
  readonly topic: Uint8Array;
  readonly node: Searcher | undefined;
  /** Connections to use that are there already, now. */
  readonly given: () => readonly Connection[];
  /** Gets every connection as soon as it is there, and again and again. */
  readonly use: (connection: Connection) => void;
}

/** Peers that may have a core: those at hand, then those that announce it, looked up again and again, and let go at the end. */
export class Sources {
  readonly #options: SourcesOptions;
  readonly #given = new Set<Connection>();
  readonly #found = new Map<Hex, Connection>();
  /** Attempts to reach others, by node key. */
  readonly #trying = new Map<Hex, Promise<void>>();
  #searching: Promise<unknown> = Promise.resolve();

  constructor(options: SourcesOptions) {
    this.#options = options;
  }

  /** Peers that were reached so far. */
  get asked(): number {
    return this.#given.size + this.#found.size;
  }

  /** Searches in the background until the signal. */
  search(signal: AbortSignal): void {
    this.#useGiven();
    this.#searching = Promise.all([this.#follow(signal), this.#searchNetwork(signal)]);
  }

  #useGiven(): void {
    for (const connection of this.#options.given()) {
      this.#given.add(connection);
      this.#options.use(connection);
    }
  }

  /** A peer that was cut off may come back on another connection, and one that was asked too early does not remember it. */
  async #follow(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(RETRY_MS, signal);
      if (signal.aborted) return;
      this.#useGiven();
      for (const connection of this.#found.values()) this.#options.use(connection);
    }
  }

  async #searchNetwork(signal: AbortSignal): Promise<void> {
    const { node, topic } = this.#options;
    if (node === undefined) return;
    if (this.#given.size > 0) await pause(HEAD_START_MS, signal);
    while (!signal.aborted) {
      try {
        for await (const peer of node.lookup(topic, { signal, limit: MAX_PEERS })) {
          const { publicKey } = peer;
          if (publicKey === node.publicKey || this.#found.has(publicKey) || this.#trying.has(publicKey)) continue;
          if (this.#found.size + this.#trying.size >= MAX_PEERS) break;
          // Nobody waits for it: one that is gone and still announced takes seconds, and another may be announced meanwhile.
          const attempt = this.#connect(node, peer, signal).finally(() => this.#trying.delete(publicKey));
          this.#trying.set(publicKey, attempt);
        }
      } catch {
        // A lookup that failed is repeated like one that found nobody.
      }
      await pause(2 * RETRY_MS, signal);
    }
  }

  async #connect(node: Searcher, peer: FoundPeer, signal: AbortSignal): Promise<void> {
    try {
      const connection = await node.connect(peer.publicKey, { signal, relayAddresses: peer.relayAddresses });
      this.#found.set(peer.publicKey, connection);
      connection.closed.then(() => this.#found.delete(peer.publicKey));
      this.#options.use(connection);
    } catch {
      // One peer that can't be reached is no reason to stop.
    }
  }

  /** After the search was stopped: says goodbye to those that were found. */
  async close(): Promise<void> {
    await this.#searching;
    await Promise.all(this.#trying.values());
    await Promise.all([...this.#found.values()].map((connection) => connection.close()));
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
