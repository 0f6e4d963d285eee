import type { Connection, ConnectOptions, FoundPeer, LookupOptions, Node, NodeOptions } from "@demec/network";
import type { Hex } from "@demec/protocol";
import type { NetworkPort } from "../network.ts";

/** A node that joins the network when it is first needed: to buy and to sell, the chain is enough. */
export class LazyNode implements NetworkPort {
  readonly #options: NodeOptions;
  #joining: Promise<Node> | null = null;

  constructor(options: NodeOptions) {
    this.#options = options;
  }

  async *lookup(topic: Uint8Array, options?: LookupOptions): AsyncGenerator<FoundPeer, void, void> {
    yield* (await this.join()).lookup(topic, options);
  }

  async readAdvert(publicKey: Hex): Promise<Uint8Array | null> {
    return (await this.join()).readAdvert(publicKey);
  }

  async connect(publicKey: Hex, options?: ConnectOptions): Promise<Connection> {
    return (await this.join()).connect(publicKey, options);
  }

  async close(): Promise<void> {
    const node = await this.#joining?.catch(() => null);
    await node?.close();
  }

  /** The node, once it is there. @throws network/… when it can't join; the next call tries again */
  join(): Promise<Node> {
    // Loaded when it is needed, too: it is the largest part of what a command would load.
    this.#joining ??= import("@demec/network").then(({ Node }) => Node.create(this.#options));
    this.#joining.catch(() => {
      this.#joining = null;
    });
    return this.#joining;
  }
}
