import { join } from "node:path";
import { type ContentReference, type Hex, sha256 } from "@demec/protocol";
import type Hypercore from "hypercore";
import type { Connection } from "../connection.ts";
import type { Node } from "../dht/node.ts";
import { fromHex, toHex } from "../hex.ts";
import { Mux } from "../mux.ts";
import { ContentIndex } from "./contentIndex.ts";
import { Cores } from "./cores.ts";
import { assertSize, type FetchOptions, fromPeers, mismatch, normal } from "./fetching.ts";
import { blockCount, decodeManifest, encodeManifest, type Manifest, splitBlocks } from "./manifest.ts";

export interface ContentStoreOptions {
  /** Finds peers and announces; without it only given connections are asked. */
  readonly node?: Node | undefined;
  /** Bytes kept on disk at most; 4 GiB by default. What was used longest ago and nobody needs makes room. */
  readonly maxBytes?: number | undefined;
}

const DEFAULT_MAX_BYTES = 2 ** 32;

/**
 * Bytes by content: each in a Hypercore of its own, found through the core's discovery key and fetched from any peers that
 * have it, block by block, so that what came before a cut is not fetched again. Nothing is returned before its SHA-256 was
 * checked.
 */
export class ContentStore {
  readonly #cores: Cores;
  readonly #index: ContentIndex;
  readonly #node: Node | undefined;

  /** @param directory where all is kept; one process at a time */
  static async open(
    directory: string,
    { node, maxBytes = DEFAULT_MAX_BYTES }: ContentStoreOptions = {},
  ): Promise<ContentStore> {
    const cores = await Cores.open(directory, maxBytes / 2);
    const index = await ContentIndex.open(join(directory, "index"), maxBytes, ({ coreKey, length }) =>
      cores.clear(coreKey, length),
    );
    return new ContentStore(cores, index, node);
  }

  private constructor(cores: Cores, index: ContentIndex, node: Node | undefined) {
    this.#cores = cores;
    this.#index = index;
    this.#node = node;
  }

  /** Bytes of all that is held or being fetched. */
  get bytes(): number {
    return this.#index.bytes;
  }

  /**
   * Puts bytes into a core of this store, unless some core here holds them already, and keeps them until `unpin`. They are
   * served on connections that were handed to `replicate`.
   * @throws network/content-full
   */
  async put(bytes: Uint8Array): Promise<ContentReference> {
    const hash = toHex(sha256(bytes));
    for (const held of this.#index.of(hash)) {
      if (!(await this.#isWhole(held))) continue;
      await this.#index.pin(held);
      const { coreKey, sha256, length } = held;
      return { coreKey, sha256, length };
    }
    // A core of its own: one that was cleared can't be filled again.
    return this.#cores.create(async (core) => {
      const content = { coreKey: toHex(core.key), sha256: hash, length: bytes.length };
      await this.#index.pin(content);
      await core.append([encodeManifest({ sha256: fromHex(hash), length: bytes.length }), ...splitBlocks(bytes)]);
      return content;
    });
  }

  /**
   * {@link put}, and tells the network that it is here. Calling it again after a restart, with the same bytes, is how to go
   * on serving under the same key. The node must be listening, and hand its connections to `replicate`.
   */
  async publish(bytes: Uint8Array): Promise<ContentReference> {
    const content = await this.put(bytes);
    await this.share(content.coreKey);
    return content;
  }

  /** Announces that this store has (some of) a core that it fetched, to spare its publisher. */
  async share(coreKey: Hex): Promise<void> {
    await this.#cores.use(coreKey, async (core) => this.#node?.announce(core.discoveryKey));
  }

  /** Lets a content go when its place is wanted, once all who pinned it did so. */
  unpin(content: ContentReference): Promise<void> {
    return this.#index.unpin(content);
  }

  /** Removes a content from disk, once all who pinned it let it go. */
  async release(content: ContentReference): Promise<void> {
    await this.#index.unpin(content);
    if (!this.#index.isPinned(content)) await this.#index.remove(content);
  }

  /** Whether the bytes are here whole, as far as can be told without reading them. */
  async has({ sha256 }: Pick<ContentReference, "sha256">): Promise<boolean> {
    for (const held of this.#index.of(normal(sha256))) if (await this.#isWhole(held)) return true;
    return false;
  }

  /** Serves this store's cores on a connection, to a peer that knows their keys. */
  replicate(connection: Connection): void {
    this.#cores.replicate(connection);
  }

  /**
   * The bytes with this hash: from disk, or from peers.
   * @param keep whether they stay until `unpin`
   * @throws network/content-not-found when no peer gave them in time; what did come is kept for the next try
   * @throws network/content-too-large, network/content-hash-mismatch, network/content-full, network/aborted
   */
  async fetch(options: FetchOptions, keep = false): Promise<Uint8Array> {
    const hash = normal(options.sha256);
    for (const held of this.#index.of(hash)) {
      assertSize(held.length, options);
      const bytes = await this.#read(held);
      if (bytes === undefined) continue;
      await this.#index.pin(held);
      if (!keep) await this.#index.unpin(held);
      return bytes;
    }
    return this.#cores.use(options.coreKey, (core) => this.#fetch(core, options, keep));
  }

  /** Does not touch the node. */
  async close(): Promise<void> {
    await this.#cores.close();
  }

  #fetch(core: Hypercore, options: FetchOptions, keep: boolean): Promise<Uint8Array> {
    const peers = {
      topic: core.discoveryKey,
      node: this.#node,
      use: (connection: Connection) => ask(connection, core),
    };
    return fromPeers(options, peers, async (stopped, signal) => {
      const manifest = Promise.race([this.#manifest(core, options), stopped]);
      const content = { coreKey: toHex(core.key), sha256: normal(options.sha256), length: (await manifest).length };
      await this.#index.pin(content);
      let kept = false;
      try {
        const bytes = await Promise.race([this.#download(core, content, options), stopped]);
        kept = keep;
        return bytes;
      } catch (error) {
        // What is not the content that was asked for is not worth its disk space, and must not be served on.
        if (error !== signal.reason) await this.#index.remove(content);
        throw error;
      } finally {
        if (!kept) await this.#index.unpin(content);
      }
    });
  }

  async #download(core: Hypercore, content: ContentReference, options: FetchOptions): Promise<Uint8Array> {
    const end = 1 + blockCount(content);
    const range = core.download({ start: 1, end });
    try {
      const bytes = await readBlocks(core, content.length, true);
      const actual = bytes && toHex(sha256(bytes));
      if (actual === content.sha256) return bytes!;
      throw mismatch(options, actual === undefined ? "a block has another size" : `its hash is ${actual}`);
    } finally {
      range.destroy();
    }
  }

  async #manifest(core: Hypercore, options: FetchOptions): Promise<Manifest> {
    const block = await core.get(0);
    let manifest: Manifest;
    try {
      manifest = decodeManifest(block ?? new Uint8Array());
    } catch (cause) {
      throw mismatch(options, "it holds no content of ours", cause);
    }
    assertSize(manifest.length, options);
    const promised = toHex(manifest.sha256);
    if (promised !== normal(options.sha256)) throw mismatch(options, `it holds ${promised}`);
    return manifest;
  }

  /** What is here whole; bytes that the disk has spoilt are removed. */
  async #read(content: ContentReference): Promise<Uint8Array | undefined> {
    if (!(await this.#isWhole(content))) return undefined;
    const bytes = await this.#cores.use(content.coreKey, (core) => readBlocks(core, content.length, false));
    if (bytes !== undefined && toHex(sha256(bytes)) === content.sha256) return bytes;
    await this.#index.remove(content);
    return undefined;
  }

  #isWhole(content: ContentReference): Promise<boolean> {
    return this.#cores.use(content.coreKey, (core) => core.has(0, 1 + blockCount(content)));
  }
}

/**
 * Asks a peer for a core, unless it is being asked. A peer that had no answer, or had nothing to do with the core for a
 * while, has closed its channel for it; Hypercore takes a stream only once, but its multiplexer again.
 */
function ask({ isClosed, stream }: Connection, core: Hypercore): void {
  const mux = Mux.of(stream);
  if (!isClosed && !mux.opened({ protocol: "hypercore/alpha", id: core.discoveryKey })) core.replicate(mux);
}

/**
 * The bytes of a core's blocks after its manifest; undefined where they are not `length`, or are not here.
 * @param wait whether to wait for blocks that come from peers
 */
async function readBlocks(core: Hypercore, length: number, wait: boolean): Promise<Uint8Array | undefined> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (let i = 1; i <= blockCount({ length }); i++) {
    const block = await core.get(i, { wait });
    if (block === null || block.length > length - at) return undefined;
    bytes.set(block, at);
    at += block.length;
  }
  return at === length ? bytes : undefined;
}
