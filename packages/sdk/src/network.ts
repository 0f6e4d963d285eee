import type { Connection, ConnectOptions, FoundPeer, LookupOptions } from "@demec/network";
import type { Hex } from "@demec/protocol";

/** What the SDK needs of a network; `Node` of `@demec/network` is one. */
export interface NetworkPort {
  /** Nodes that announced a topic, each once. */
  lookup(topic: Uint8Array, options?: LookupOptions): AsyncIterable<FoundPeer>;
  /** The record that the holder of a node key has published, its signature checked; null where there is none. */
  readAdvert(publicKey: Hex): Promise<Uint8Array | null>;
  /** A channel to exactly this node key. */
  connect(publicKey: Hex, options?: ConnectOptions): Promise<Connection>;
}
