import { isDemecError, sha256 } from "@demec/protocol";
import type { CoreData } from "hypercore/lib/messages.js";
import type { Connection } from "../connection.ts";
import { toHex } from "../hex.ts";
import { CoreChannel } from "./coreChannel.ts";
import { assertSize, type FetchOptions, mismatch, normal } from "./fetching.ts";
import { BLOCK_BYTES, blockCount, decodeManifest } from "./manifest.ts";

/** Blocks that are under way at once. */
const IN_FLIGHT = 32;

export interface CoreCopyOptions {
  readonly options: FetchOptions;
  readonly coreKey: Uint8Array;
  readonly discoveryKey: Uint8Array;
  /** Gets the bytes once all are here and have the hash. */
  readonly whole: (bytes: Uint8Array) => void;
  /** Hears why what the peer has is not what is wanted. */
  readonly wrong: (error: unknown) => void;
}

/** What one peer gives of a core, over all connections to it: what came before a cut is not asked for again. */
export class CoreCopy {
  readonly #options: CoreCopyOptions;
  /** The content, as far as it is here; null: how much it is, block 0 will tell. */
  #bytes: Uint8Array | null = null;
  /** Blocks to ask for, and those that were asked for on the connection that is there. */
  #missing: number[] = [0];
  readonly #underWay = new Set<number>();
  #channel: CoreChannel | null = null;
  #isOver = false;

  constructor(options: CoreCopyOptions) {
    this.#options = options;
  }

  /** Asks on a connection, unless one is being asked. */
  askOn(connection: Connection): void {
    if (this.#isOver || this.#channel !== null) return;
    const { coreKey, discoveryKey } = this.#options;
    this.#channel = CoreChannel.open(connection, {
      ...{ coreKey, discoveryKey, length: 0 },
      onOpen: () => this.#askForMore(),
      onData: (data) => this.#onData(data),
      // It may have it later, and is asked again on a channel of its own.
      onNoData: () => this.#channel?.close(),
      onClose: () => {
        this.#channel = null;
        this.#missing.push(...this.#underWay);
        this.#underWay.clear();
      },
    });
  }

  close(): void {
    this.#isOver = true;
    this.#channel?.close();
  }

  #askForMore(): void {
    while (this.#underWay.size < IN_FLIGHT) {
      const index = this.#missing.shift();
      if (index === undefined) return;
      this.#underWay.add(index);
      this.#channel?.askFor(index);
    }
  }

  #onData({ block }: CoreData): void {
    if (this.#isOver || block === null || !this.#underWay.delete(block.index)) return;
    try {
      if (this.#bytes === null) this.#begin(block.value);
      else this.#take(this.#bytes, block);
      this.#askForMore();
      if (this.#underWay.size === 0) this.#end(this.#bytes!);
    } catch (error) {
      this.close();
      this.#options.wrong(error);
    }
  }

  /** @throws network/content-hash-mismatch, network/content-too-large */
  #begin(block: Uint8Array): void {
    const { options } = this.#options;
    const { length, sha256 } = manifestOf(block, options);
    assertSize(length, options);
    const promised = toHex(sha256);
    if (promised !== normal(options.sha256)) throw mismatch(options, `it holds ${promised}`);
    this.#bytes = new Uint8Array(length);
    this.#missing = Array.from({ length: blockCount({ length }) }, (_, i) => i + 1);
  }

  #take(bytes: Uint8Array, { index, value }: { readonly index: number; readonly value: Uint8Array }): void {
    const at = (index - 1) * BLOCK_BYTES;
    if (value.length !== Math.min(BLOCK_BYTES, bytes.length - at)) {
      throw mismatch(this.#options.options, "a block has another size");
    }
    bytes.set(value, at);
  }

  #end(bytes: Uint8Array): void {
    const { options, whole } = this.#options;
    const actual = toHex(sha256(bytes));
    if (actual !== normal(options.sha256)) throw mismatch(options, `its hash is ${actual}`);
    this.close();
    whole(bytes);
  }
}

function manifestOf(block: Uint8Array, options: FetchOptions) {
  try {
    return decodeManifest(block);
  } catch (cause) {
    if (!isDemecError(cause)) throw cause;
    throw mismatch(options, "it holds no content of ours", cause);
  }
}
