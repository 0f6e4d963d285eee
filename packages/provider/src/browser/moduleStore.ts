import type { FetchOptions } from "@demec/network";
import { DemecError, type Hex, sha256 } from "@demec/protocol";
import { bytesToHex } from "viem";
import type { ContentPort } from "../content/fetcher.ts";

/** Gets a module by the hash of its bytes, from wherever: what it gives is checked. */
export type ModuleSource = (codeHash: Hex) => Promise<Uint8Array>;

/**
 * What a tab has in place of a store of content: the modules of its services and nothing else. Hypercores need a disk, so
 * that nothing travels by content to or from a tab; its policy refuses such calls before they come here.
 */
export class ModuleStore implements ContentPort {
  readonly #source: ModuleSource;

  constructor(source: ModuleSource) {
    this.#source = source;
  }

  /** @throws network/content-not-found, network/content-too-large, network/content-hash-mismatch */
  async fetch({ coreKey, sha256: hash, maxBytes }: FetchOptions): Promise<Uint8Array> {
    const details = { coreKey, sha256: hash };
    let bytes: Uint8Array;
    try {
      bytes = await this.#source(hash);
    } catch (cause) {
      throw new DemecError("network/content-not-found", `Module ${hash} is not to be had: ${cause}.`, {
        cause,
        details,
      });
    }
    if (bytes.length > maxBytes) {
      const what = `Module ${hash} has ${bytes.length} bytes; ${maxBytes} are allowed.`;
      throw new DemecError("network/content-too-large", what, { details: { ...details, length: bytes.length } });
    }
    const actual = bytesToHex(sha256(bytes));
    if (actual !== hash.toLowerCase()) {
      throw new DemecError("network/content-hash-mismatch", `What came as module ${hash} hashes to ${actual}.`, {
        details,
      });
    }
    return bytes;
  }

  async has(): Promise<boolean> {
    return false;
  }

  async put(): Promise<never> {
    throw new DemecError("network/content-full", "A tab keeps nothing for others.");
  }

  async release(): Promise<void> {}

  async share(): Promise<void> {}

  replicate(): void {}
}
