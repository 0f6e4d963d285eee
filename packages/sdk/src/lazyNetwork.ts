import type { Connection, ConnectOptions, FoundPeer, LookupOptions } from "@demec/network";
import type { Hex } from "@demec/protocol";
import type { NetworkPort } from "./network.ts";

/** A network that can be left. */
type Joined = NetworkPort & { close(): Promise<unknown> };

/** A network that is joined when it is first needed: to buy and to sell, the chain is enough. */
export class LazyNetwork<Node extends Joined> implements NetworkPort {
  readonly #join: () => Promise<Node>;
  #joining: Promise<Node> | null = null;

  /** @param join joins it; where it fails, it is called again the next time */
  constructor(join: () => Promise<Node>) {
    this.#join = join;
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

  /** The network, once it is there. @throws network/… when it can't be joined */
  join(): Promise<Node> {
    this.#joining ??= this.#join();
    this.#joining.catch(() => {
      this.#joining = null;
    });
    return this.#joining;
  }
}
