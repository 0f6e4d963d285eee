import type { ContentStore } from "@demec/network";
import { type ContentReference, DemecError } from "@demec/protocol";
import type { Call } from "../executorPort.ts";

/** What the provider needs of a store of content; `ContentStore` of `@demec/network` is one. */
export type ContentPort = Pick<ContentStore, "fetch" | "has" | "put" | "release" | "share" | "replicate">;

export interface FetcherOptions {
  readonly store: Pick<ContentPort, "fetch" | "has" | "share">;
  /** How long a fetch may take, beside the call's own deadline; milliseconds. */
  readonly fetchMs: number;
  /** Whether so many bytes may be fetched for this buyer now. */
  readonly mayFetch: (buyer: string, bytes: number) => boolean;
}

/** Fetches what buyers name, within bounds: by the announced length before a byte comes, by hash and length before it is used. */
export class Fetcher {
  readonly #options: FetcherOptions;

  constructor(options: FetcherOptions) {
    this.#options = options;
  }

  /**
   * @throws provider/content-too-large, provider/content-busy before anything is fetched
   * @throws network/content-not-found, network/content-too-large, network/content-hash-mismatch, network/content-full
   */
  async fetch(content: ContentReference, maxBytes: number, { tenant, deadlineMs, way }: Call): Promise<Uint8Array> {
    const { store, fetchMs, mayFetch } = this.#options;
    const { coreKey, sha256, length } = content;
    if (length > maxBytes) {
      const what = `Content ${sha256} has ${length} bytes; this provider takes ${maxBytes}.`;
      throw new DemecError("provider/content-too-large", what, { details: { sha256, length, maxBytes } });
    }
    if (!(await store.has(content)) && !mayFetch(tenant, length)) {
      const what = `More is fetched for ${tenant} already than it may have; ${length} bytes of ${sha256} must wait.`;
      throw new DemecError("provider/content-busy", what, { details: { sha256, length } });
    }
    const timeoutMs = Math.min(fetchMs, deadlineMs);
    const bytes = await store.fetch({ coreKey, sha256, maxBytes: length, timeoutMs, connections: way?.connections });
    if (bytes.length !== length) {
      const what = `Content ${sha256} has ${bytes.length} bytes, and ${length} were announced.`;
      throw new DemecError("network/content-hash-mismatch", what, { details: { sha256, length: bytes.length } });
    }
    return bytes;
  }

  /**
   * What stays here and is served on to others: a service's module, a service's schema.
   * @param timeoutMs as long as the store waits by itself when left out
   * @throws network/content-…
   */
  async keep(
    content: Pick<ContentReference, "coreKey" | "sha256">,
    maxBytes: number,
    timeoutMs?: number,
  ): Promise<Uint8Array> {
    const { store } = this.#options;
    const bytes = await store.fetch({ ...content, maxBytes, timeoutMs }, true);
    await store.share(content.coreKey);
    return bytes;
  }
}
