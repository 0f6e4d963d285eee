import { createSocket } from "node:dgram";
import { once } from "node:events";
import { DemecError, type Hex } from "@demec/protocol";
import type NoiseSecretStream from "@hyperswarm/secret-stream";
import HyperDHT from "hyperdht";
import { Connection } from "../connection.ts";
import type { ConnectionOptions } from "../connectionTypes.ts";
import { within } from "../deadline.ts";
import { fromHex, toHex } from "../hex.ts";
import { Announcer } from "./announcer.ts";

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface NodeOptions {
  /** 32 bytes that the node key is derived from; a fresh random key without it. */
  readonly seed?: Uint8Array | undefined;
  /** Entry points of the DHT; the public ones without it. */
  readonly bootstrap?: readonly Address[] | undefined;
  /** Address to bind; "127.0.0.1" keeps everything on this machine. All interfaces without it. */
  readonly host?: string | undefined;
  /** UDP port; any free one if it is taken. */
  readonly port?: number | undefined;
  /** For all connections of this node. */
  readonly connection?: ConnectionOptions | undefined;
}

export interface ListenOptions {
  /** Gets each connection after both sides have greeted. */
  readonly onConnection: (connection: Connection) => void;
  /** Hears of connections that failed before that, and of what `onConnection` threw; for logs. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /** Whether whoever proves this node key may connect now; asked before the connection costs more than its handshake. */
  readonly admit?: ((nodeKey: Hex) => boolean) | undefined;
  /** Connections at most, those still greeting included; more are turned away. Default 4096. */
  readonly maxConnections?: number;
}

export interface ConnectOptions {
  /** For finding, handshake and greeting together. Default 10,000 ms. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** DHT nodes that know the way, as a lookup gave them: saves the search. */
  readonly relayAddresses?: readonly Address[] | undefined;
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

/** One participant of the network: its ed25519 node key, its place in the DHT, and its connections. */
export class Node {
  readonly publicKey: Hex;
  readonly #dht: HyperDHT;
  readonly #connectionOptions: ConnectionOptions;
  readonly #connections = new Set<Connection>();
  readonly #announcer: Announcer;
  #server: HyperDHT.Server | undefined;
  /** Connections of the server from their handshake on. */
  #serving = 0;
  #closing: Promise<void> | undefined;

  /**
   * Joins the DHT. When no entry point answers that takes some seconds and still gives a node: what needs the DHT then
   * says network/unreachable, and works once it is there.
   * @throws network/unreachable when the address can't be bound
   */
  static async create(options: NodeOptions = {}): Promise<Node> {
    if (options.host !== undefined) await assertBindable(options.host);
    const dht = new HyperDHT({
      host: options.host,
      port: options.port,
      bootstrap: options.bootstrap,
      keyPair: HyperDHT.keyPair(options.seed),
      // The heartbeat of a connection does this already, and sooner.
      connectionKeepAlive: false,
    });
    await dht.fullyBootstrapped();
    return new Node(dht, options.connection ?? {});
  }

  private constructor(dht: HyperDHT, connectionOptions: ConnectionOptions) {
    this.#dht = dht;
    this.#connectionOptions = connectionOptions;
    this.publicKey = toHex(dht.defaultKeyPair.publicKey);
    this.#announcer = new Announcer(dht, () => this.#server?.relayAddresses ?? []);
  }

  /** Asks some of the DHT nodes that this one knows. @returns how many answered */
  async neighbours(): Promise<number> {
    const asked = this.#dht.toArray({ limit: 4 }).map((address) => this.#dht.ping(address, { retry: false }));
    return (await Promise.allSettled(asked)).filter(({ status }) => status === "fulfilled").length;
  }

  /** Accepts connections to this node's key. Once in a node's life. @throws network/unreachable */
  async listen(options: ListenOptions): Promise<void> {
    const { maxConnections = 4096, admit = () => true } = options;
    if (this.#server !== undefined) throw new DemecError("network/closed", "This node is listening already.");
    const firewall = (key: Uint8Array) => this.#serving >= maxConnections || !admit(toHex(key));
    const server = this.#dht.createServer({ firewall }, (stream) => {
      this.#serving++;
      stream.on("close", () => this.#serving--);
      void this.#accept(stream, options);
    });
    this.#server = server;
    try {
      await server.listen();
    } catch (cause) {
      this.#server = undefined;
      throw new DemecError("network/unreachable", "Can't announce this node's key in the DHT.", { cause });
    }
  }

  /**
   * Announces this node under a topic, and again every ten minutes, until {@link unannounce} or {@link close}.
   * @param topic 32 bytes
   * @throws network/unreachable when no DHT node takes it
   */
  announce(topic: Uint8Array): Promise<void> {
    return this.#announcer.add(topic);
  }

  /** Takes the announcement back. */
  unannounce(topic: Uint8Array): Promise<void> {
    return this.#announcer.remove(topic);
  }

  /**
   * Nodes that announced a topic, this one too, each once, as the DHT tells of them; break off when there are enough.
   * @throws network/unreachable when no DHT node answers
   * @throws network/aborted
   */
  async *lookup(topic: Uint8Array, { signal, limit = 64 }: LookupOptions = {}): AsyncGenerator<FoundPeer, void, void> {
    const query = this.#dht.lookup(topic);
    const abort = () => query.destroy();
    signal?.addEventListener("abort", abort, { once: true });
    const seen = new Set<Hex>();
    try {
      if (signal?.aborted) throw aborted(signal);
      for await (const { peers } of query) {
        for (const peer of peers) {
          const publicKey = toHex(peer.publicKey);
          if (seen.has(publicKey)) continue;
          if (seen.size >= limit) return;
          seen.add(publicKey);
          yield { publicKey, relayAddresses: peer.relayAddresses };
        }
      }
      if (signal?.aborted) throw aborted(signal);
      if (query.successes === 0) {
        throw new DemecError("network/unreachable", `No DHT node answered the lookup of ${toHex(topic)}.`);
      }
    } finally {
      signal?.removeEventListener("abort", abort);
      query.destroy();
    }
  }

  /**
   * Connects to the holder of a node key, wherever it is; the handshake proves the key.
   * @throws network/unreachable when it can't be found or reached
   * @throws network/timeout, network/aborted, network/key-mismatch, network/version-mismatch
   */
  async connect(publicKey: Hex, options: ConnectOptions = {}): Promise<Connection> {
    const { relayAddresses } = options;
    const key = fromHex(publicKey);
    const stream = this.#dht.connect(key, relayAddresses === undefined ? {} : { relayAddresses: [...relayAddresses] });
    return this.#greet(stream, options, toHex(key));
  }

  async #accept(stream: NoiseSecretStream, { onConnection, onFailure }: ListenOptions): Promise<void> {
    let connection: Connection | undefined;
    try {
      connection = await this.#greet(stream, {});
      onConnection(connection);
    } catch (error) {
      // A connection that fails to greet is the peer's affair; a handler that throws is a bug, never swallowed.
      if (connection !== undefined && onFailure === undefined) throw error;
      void connection?.close("network/handler-failed", "The connection could not be taken.");
      onFailure?.(error);
    }
  }

  async #greet(stream: NoiseSecretStream, options: ConnectOptions, expectedKey?: Hex): Promise<Connection> {
    const deadline = { timeoutMs: options.timeoutMs ?? 10_000, signal: options.signal };
    const connection = await Connection.open(stream, this.#connectionOptions, deadline, expectedKey);
    this.#connections.add(connection);
    connection.closed.then(() => this.#connections.delete(connection));
    if (this.#closing !== undefined) {
      await connection.close();
      throw new DemecError("network/closed", "This node is closed.");
    }
    return connection;
  }

  /** Says goodbye to everybody, takes back announcements and leaves the DHT; within about three seconds. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const goodbyes = [...this.#connections].map((connection) =>
      connection.close("network/closed", "This node closes."),
    );
    const farewell = Promise.all([...goodbyes, this.#announcer.close(), this.#server?.close()]);
    await within(farewell, "Leaving the network", { timeoutMs: 2000 }).catch(() => {});
    await this.#dht.destroy({ force: true });
  }
}

function aborted(signal: AbortSignal): DemecError {
  return new DemecError("network/aborted", "The lookup was called off.", { cause: signal.reason });
}

/** HyperDHT can't be taken down again once it failed to bind: find out before it is made. */
async function assertBindable(host: string): Promise<void> {
  const socket = createSocket("udp4");
  try {
    socket.bind(0, host);
    await once(socket, "listening");
  } catch (cause) {
    throw new DemecError("network/unreachable", `This machine can't bind ${host}.`, { cause, details: { host } });
  } finally {
    socket.close();
  }
}
