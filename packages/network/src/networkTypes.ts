import type { Hex } from "@demec/protocol";

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface ConnectOptions {
  /** For finding, handshake and greeting together. Default 10,000 ms. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** DHT nodes that know the way, as a lookup gave them: saves the search. */
  readonly relayAddresses?: readonly Address[] | undefined;
  /** Addresses of the peer, where they are known already: `tcp://203.0.113.7:4001`. Saves asking the DHT. */
  readonly addresses?: readonly string[] | undefined;
  /**
   * Node keys that may relay the connection, asked for once no direct way was found soon; best first. Those found under
   * `relayTopic()` offer to; which of them to ask is the caller's policy, such as: those that are staked.
   */
  readonly relays?: (() => Promise<readonly Hex[]>) | undefined;
}

export interface LookupOptions {
  readonly signal?: AbortSignal | undefined;
  /** Peers at most. Default 64. */
  readonly limit?: number | undefined;
}

/** A node that announced a topic. Its key is a claim until a handshake has proved it. */
export interface FoundPeer {
  readonly publicKey: Hex;
  readonly relayAddresses: readonly Address[];
}

/** A node that guides pages: where its WebSocket is, and the node key that it proves. */
export interface Guide {
  /** `wss://edge.example/`; `ws://…` for pages that came without TLS. */
  readonly url: string;
  readonly publicKey: Hex;
}
