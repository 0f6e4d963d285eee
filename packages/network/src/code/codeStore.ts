import { join } from "node:path";
import { DemecError, type Hex, sha256 } from "@demec/protocol";
import Corestore from "corestore";
import type Hypercore from "hypercore";
import type { Connection } from "../connection.ts";
import type { Node } from "../dht/node.ts";
import { fromHex, toHex } from "../hex.ts";
import { blockCount, decodeManifest, encodeManifest, type Manifest, splitBlocks } from "./manifest.ts";
import { ModuleCache } from "./moduleCache.ts";
import { Sources } from "./sources.ts";

export interface PublishedCode {
  /** Key of the core that the code is found in: goes on chain with the service. */
  readonly coreKey: Hex;
  /** SHA-256 of the module: the unit of trust. */
  readonly sha256: Hex;
  readonly length: number;
}

export interface FetchOptions {
  readonly coreKey: Hex;
  readonly sha256: Hex;
  /** Largest module that is wanted, in bytes. */
  readonly maxBytes: number;
  /** Default 30,000 ms. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Connections to ask besides the peers that announce the core. */
  readonly connections?: readonly Connection[] | undefined;
}

/**
 * Code by content: modules in Hypercores, one core a module, found through the core's discovery key and fetched from
 * any peers that have it. Nothing is returned before its SHA-256 was checked.
 */
export class CodeStore {
  readonly #store: Corestore;
  readonly #cache: ModuleCache;
  readonly #node: Node | undefined;

  /**
   * @param directory where cores and modules are kept; one process at a time
   * @param node finds peers and announces; without it only given connections are asked
   */
  static async open(directory: string, node?: Node): Promise<CodeStore> {
    const store = new Corestore(join(directory, "cores"));
    await store.ready();
    return new CodeStore(store, new ModuleCache(join(directory, "modules")), node);
  }

  private constructor(store: Corestore, cache: ModuleCache, node: Node | undefined) {
    this.#store = store;
    this.#cache = cache;
    this.#node = node;
  }

  /**
   * Puts a module into a core of this store and announces it. The same bytes give the same core again, so that calling
   * it after a restart is how to go on serving. The node must be listening, and hand its connections to `replicate`.
   */
  async publish(module: Uint8Array): Promise<PublishedCode> {
    const hash = sha256(module);
    const core = this.#store.get({ name: `module/${toHex(hash)}` });
    try {
      await core.ready();
      if (core.length === 0) {
        await core.append([encodeManifest({ sha256: hash, length: module.length }), ...splitBlocks(module)]);
      }
      await this.#node?.announce(core.discoveryKey);
      return { coreKey: toHex(core.key), sha256: toHex(hash), length: module.length };
    } finally {
      await core.close();
    }
  }

  /** Announces that this store has (some of) a core that it fetched, to spare its publisher. */
  async share(coreKey: Hex): Promise<void> {
    const core = await this.#core(coreKey);
    try {
      await this.#node?.announce(core.discoveryKey);
    } finally {
      await core.close();
    }
  }

  /** Serves this store's cores on a connection, to a peer that knows their keys, and asks it for what is wanted here. */
  replicate(connection: Connection): void {
    if (!connection.isClosed) this.#store.replicate(connection.stream);
  }

  /**
   * The module with this hash: from disk, or from peers.
   * @throws network/code-not-found when no peer gave it in time
   * @throws network/code-too-large, network/code-hash-mismatch, network/aborted
   */
  async fetch(options: FetchOptions): Promise<Uint8Array> {
    const cached = await this.#cache.read(normal(options.sha256));
    if (cached !== undefined) {
      assertSize(cached.length, options);
      return cached;
    }
    const core = await this.#core(options.coreKey);
    const sources = new Sources(core.discoveryKey, this.#node, (connection) => this.replicate(connection));
    for (const connection of options.connections ?? []) this.replicate(connection);
    const stop = new AbortController();
    const { timeoutMs = 30_000, signal } = options;
    const timer = setTimeout(() => stop.abort(notFound(options, sources)), timeoutMs);
    const abort = () => stop.abort(new DemecError("network/aborted", "The fetch was called off."));
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    const stopped = new Promise<never>((_, reject) => {
      stop.signal.addEventListener("abort", () => reject(stop.signal.reason), { once: true });
    });
    stopped.catch(() => {});
    try {
      sources.search(stop.signal);
      const download = this.#download(core, options);
      download.catch(() => {});
      const module = await Promise.race([download, stopped]);
      await this.#cache.write(normal(options.sha256), module);
      return module;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
      stop.abort();
      await core.close();
      await sources.close();
    }
  }

  /** Does not touch the node. */
  async close(): Promise<void> {
    await this.#store.close();
  }

  async #core(coreKey: Hex): Promise<Hypercore> {
    const core = this.#store.get({ key: fromHex(coreKey) });
    await core.ready();
    return core;
  }

  async #download(core: Hypercore, options: FetchOptions): Promise<Uint8Array> {
    const manifest = await this.#manifest(core, options);
    const end = 1 + blockCount(manifest);
    const range = core.download({ start: 1, end });
    const module = new Uint8Array(manifest.length);
    try {
      let at = 0;
      for (let i = 1; i < end; i++) {
        const block = await core.get(i);
        if (block === null || block.length > module.length - at) throw mismatch(options, `block ${i} has another size`);
        module.set(block, at);
        at += block.length;
      }
      const actual = toHex(sha256(module));
      if (at !== module.length || actual !== normal(options.sha256)) throw mismatch(options, `its hash is ${actual}`);
      return module;
    } catch (error) {
      // What is not the module that was asked for is not worth its disk space, and must not be served on.
      if (!core.writable) await core.clear(0, end).catch(() => {});
      throw error;
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
      throw mismatch(options, "it holds no module", cause);
    }
    assertSize(manifest.length, options);
    const promised = toHex(manifest.sha256);
    if (promised !== normal(options.sha256)) throw mismatch(options, `it holds module ${promised}`);
    return manifest;
  }
}

function normal(hash: Hex): Hex {
  return toHex(fromHex(hash));
}

function assertSize(length: number, { sha256, maxBytes }: FetchOptions): void {
  if (length > maxBytes) {
    throw new DemecError("network/code-too-large", `Module ${sha256} has ${length} bytes; ${maxBytes} are allowed.`, {
      details: { sha256, length, maxBytes },
    });
  }
}

function mismatch({ coreKey, sha256 }: FetchOptions, why: string, cause?: unknown): DemecError {
  return new DemecError("network/code-hash-mismatch", `Core ${coreKey} does not hold module ${sha256}: ${why}.`, {
    cause,
    details: { coreKey, sha256 },
  });
}

function notFound({ coreKey, timeoutMs = 30_000 }: FetchOptions, sources: Sources): DemecError {
  const { asked } = sources;
  return new DemecError(
    "network/code-not-found",
    `Core ${coreKey} did not come from any peer within ${timeoutMs} ms; ${asked} announced it and could be reached.`,
    { details: { coreKey, timeoutMs, asked } },
  );
}
