import type { FetchOptions } from "@demec/network";
import type { Connection } from "@demec/network/portable";
import type { ContentReference } from "@demec/protocol";
import type { ContentPort } from "./content.ts";

/** A store of content, and what closes it. */
export interface OpenedContent {
  readonly store: ContentPort;
  close(): Promise<void>;
}

/** A store of content that is opened when it is first needed; most clients never do. */
export class LazyContent implements ContentPort {
  readonly #open: () => Promise<OpenedContent>;
  /** Those that came before the store. */
  readonly #connections = new Set<Connection>();
  #opening: Promise<OpenedContent> | null = null;
  #store: ContentPort | null = null;

  /** @param open opens it; where it fails, it is called again the next time */
  constructor(open: () => Promise<OpenedContent>) {
    this.#open = open;
  }

  async put(bytes: Uint8Array): Promise<ContentReference> {
    return (await this.#opened()).put(bytes);
  }

  async unpin(content: ContentReference): Promise<void> {
    await (await this.#opened()).unpin(content);
  }

  async fetch(options: FetchOptions): Promise<Uint8Array> {
    return (await this.#opened()).fetch(options);
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

  async #opened(): Promise<ContentPort> {
    this.#opening ??= this.#openStore();
    this.#opening.catch(() => {
      this.#opening = null;
    });
    return (await this.#opening).store;
  }

  async #openStore(): Promise<OpenedContent> {
    const opened = await this.#open();
    this.#store = opened.store;
    for (const connection of this.#connections) opened.store.replicate(connection);
    this.#connections.clear();
    return opened;
  }
}
