import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ContentStore, FetchOptions, Node } from "@demec/network";
import type { Connection } from "@demec/network/portable";
import type { ContentReference } from "@demec/protocol";
import type { ContentPort } from "../content.ts";

/** A store of content that is opened when it is first needed; most clients never do. */
export class LazyContent implements ContentPort {
  readonly #directory: string | undefined;
  readonly #join: () => Promise<Node>;
  /** Those that came before the store. */
  readonly #connections = new Set<Connection>();
  #opening: Promise<{ readonly store: ContentStore; readonly close: () => Promise<void> }> | null = null;
  #store: ContentStore | null = null;

  /**
   * @param directory where it is kept; without it what it holds goes with the process
   * @param join gives the node that finds who has what no provider at hand gives, such as a schema before the first call
   */
  constructor(directory: string | undefined, join: () => Promise<Node>) {
    this.#directory = directory;
    this.#join = join;
  }

  async put(bytes: Uint8Array): Promise<ContentReference> {
    return (await this.#open()).put(bytes);
  }

  async unpin(content: ContentReference): Promise<void> {
    await (await this.#open()).unpin(content);
  }

  async fetch(options: FetchOptions): Promise<Uint8Array> {
    return (await this.#open()).fetch(options);
  }

  replicate(connection: Connection): void {
    if (this.#store !== null) {
      this.#store.replicate(connection);
      return;
    }
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
  }

  async close(): Promise<void> {
    const opened = await this.#opening?.catch(() => null);
    await opened?.close();
  }

  async #open(): Promise<ContentStore> {
    this.#opening ??= this.#openStore();
    this.#opening.catch(() => {
      this.#opening = null;
    });
    return (await this.#opening).store;
  }

  async #openStore() {
    const { ContentStore } = await import("@demec/network");
    const node = await this.#join();
    const temporary = this.#directory === undefined ? await mkdtemp(join(tmpdir(), "demec-content-")) : undefined;
    const store = await ContentStore.open(this.#directory ?? temporary!, { node });
    this.#store = store;
    for (const connection of this.#connections) store.replicate(connection);
    this.#connections.clear();
    const close = async () => {
      await store.close();
      if (temporary !== undefined) await rm(temporary, { recursive: true, force: true });
    };
    return { store, close };
  }
}
