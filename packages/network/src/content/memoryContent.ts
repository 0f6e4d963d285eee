import type { ContentReference, Hex } from "@demec/protocol";
import type { Connection } from "../connection.ts";
import { fromHex, toHex } from "../hex.ts";
import { Mux } from "../mux.ts";
import { CORE_PROTOCOL } from "./coreChannel.ts";
import { CoreCopy } from "./coreCopy.ts";
import { CoreHost } from "./coreHost.ts";
import { assertSize, contentFull, type FetchOptions, fromPeers, normal } from "./fetching.ts";
import type { Searcher } from "./sources.ts";
import { discoveryKeyOf, StaticCore } from "./staticCore.ts";

export interface MemoryContentOptions {
  /** Finds peers; without it only given connections are asked. */
  readonly node?: Searcher | undefined;
  /** Bytes kept at most; 64 MiB by default. What was used longest ago and nobody needs makes room. */
  readonly maxBytes?: number | undefined;
}

interface Held {
  readonly core: StaticCore;
  /** How many need it: it stays while anybody does. */
  pins: number;
}

/**
 * Bytes by content for who has no disk, such as a page: what `ContentStore` is elsewhere, over the same protocol. It serves what
 * was put into it, and keeps nothing that it fetches.
 */
export class MemoryContent {
  readonly #node: Searcher | undefined;
  readonly #maxBytes: number;
  /** By the keys under which peers ask for them; used longest ago first. */
  readonly #held = new Map<Hex, Held>();
  #bytes = 0;

  constructor({ node, maxBytes = 2 ** 26 }: MemoryContentOptions = {}) {
    this.#node = node;
    this.#maxBytes = maxBytes;
  }

  /** Bytes of all that is held. */
  get bytes(): number {
    return this.#bytes;
  }

  /**
   * Keeps bytes until `unpin`. They are served on connections that were handed to `replicate`.
   * @throws network/content-full
   */
  async put(bytes: Uint8Array): Promise<ContentReference> {
    const core = new StaticCore(bytes.slice());
    const { content } = core;
    const key = toHex(discoveryKeyOf(content.coreKey));
    const held = this.#held.get(key) ?? { core, pins: 0 };
    if (held.core === core) this.#makeRoom(content);
    held.pins++;
    this.#held.delete(key);
    this.#held.set(key, held);
    return content;
  }

  /** Lets a content go when its place is wanted, once all who pinned it did so. */
  async unpin({ coreKey }: ContentReference): Promise<void> {
    const held = this.#held.get(toHex(discoveryKeyOf(coreKey)));
    if (held !== undefined) held.pins--;
  }

  /** Serves what is here on a connection, to a peer that knows its key. */
  replicate(connection: Connection): void {
    if (connection.isClosed) return;
    Mux.of(connection.stream).pair({ protocol: CORE_PROTOCOL }, async (discoveryKey) => {
      const held = this.#held.get(toHex(discoveryKey));
      if (held !== undefined) CoreHost.serve(connection, held.core, discoveryKey);
    });
  }

  /**
   * The bytes with this hash: those that are here, or from peers.
   * @throws network/content-not-found when no peer gave them in time
   * @throws network/content-too-large, network/content-hash-mismatch, network/aborted
   */
  async fetch(options: FetchOptions): Promise<Uint8Array> {
    for (const { core } of this.#held.values()) {
      if (core.content.sha256 !== normal(options.sha256)) continue;
      assertSize(core.content.length, options);
      return core.bytes.slice();
    }
    const coreKey = fromHex(options.coreKey);
    const discoveryKey = discoveryKeyOf(options.coreKey);
    // Nobody's blocks are mixed with another's: whoever gave wrong ones would spoil what others gave.
    const copies = new Map<Hex, CoreCopy>();
    const whole = Promise.withResolvers<Uint8Array>();
    const isGiven = (key: Hex) => options.connections?.().some(({ remotePublicKey }) => remotePublicKey === key);
    const use = (connection: Connection) => {
      const { remotePublicKey } = connection;
      // Anybody can announce a core; who is asked by name is the one that has it.
      const wrong = (error: unknown) => isGiven(remotePublicKey) && whole.reject(error);
      const copy =
        copies.get(remotePublicKey) ?? new CoreCopy({ options, coreKey, discoveryKey, whole: whole.resolve, wrong });
      copies.set(remotePublicKey, copy);
      copy.askOn(connection);
    };
    try {
      return await fromPeers(options, { topic: discoveryKey, node: this.#node, use }, (stopped) =>
        Promise.race([whole.promise, stopped]),
      );
    } finally {
      for (const copy of copies.values()) copy.close();
    }
  }

  /** @throws network/content-full */
  #makeRoom(content: ContentReference): void {
    const { length } = content;
    const evicted: [Hex, number][] = [];
    let free = this.#maxBytes - this.#bytes;
    for (const [key, { core, pins }] of this.#held) {
      if (free >= length) break;
      if (pins > 0) continue;
      evicted.push([key, core.content.length]);
      free += core.content.length;
    }
    if (free < length) throw contentFull(content, this.#bytes, this.#maxBytes);
    for (const [key] of evicted) this.#held.delete(key);
    this.#bytes = this.#maxBytes - free + length;
  }
}
