import { createSocket } from "node:dgram";
import { once } from "node:events";
import { DemecError, type Hex } from "@demec/protocol";
import HyperDHT from "hyperdht";
import { Connection } from "../connection.ts";
import type { ConnectionOptions } from "../connectionTypes.ts";
import { type Deadline, within } from "../deadline.ts";
import { fromHex, toHex } from "../hex.ts";
import { race } from "../race.ts";
import { relayTopic } from "../topics.ts";
import type { DoorOptions } from "../transport/listener.ts";
import type { NoiseStream } from "../transport/noiseStream.ts";
import { dialTcp } from "../transport/tcp.ts";
import type { WebRtcOptions } from "../webrtc/webRtcDoor.ts";
import { decodeAddresses, encodeAddresses, isReserved, tcpAddresses } from "./addresses.ts";
import { Announcer } from "./announcer.ts";
import { Entrance, type ListenOptions, udxStream } from "./entrance.ts";
import { Lookout } from "./lookout.ts";
import { NodeRecords } from "./nodeRecords.ts";
import { punchThrough } from "./punching.ts";
import { type RelayPolicy, RelayService, type RelayStatus } from "./relayService.ts";
import { SECTIONS } from "./sections.ts";

/** How much sooner TCP is tried than UDX; the time to learn the address is in it. */
const TCP_HEAD_START_MS = 250;
/** How much sooner a direct way is tried than a relay. */
const PUNCH_HEAD_START_MS = 1_000;
/** How much sooner one TCP address is tried than the next. */
const NEXT_ADDRESS_MS = 100;
/** Relays tried for one connection, and how much sooner one is tried than the next. */
const MAX_RELAYS = 3;
const NEXT_RELAY_MS = 1_500;
/** For handshake and greeting of those who come in. */
const GREETING_MS = 10_000;

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
  /** Where to listen for TCP, besides UDX through the DHT; the address is published in the DHT. */
  readonly tcp?: DoorOptions | undefined;
  /** Where to listen for WebSockets, so that browsers can connect; published too. */
  readonly webSocket?: DoorOptions | undefined;
  /** Where to take WebRTC data channels, which those who are connected ask for, so that pages need no tunnel. */
  readonly webRtc?: WebRtcOptions | undefined;
  /** Relay for others whose NATs let no hole be punched, within this policy, while listening. */
  readonly relay?: RelayPolicy | undefined;
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

/** One participant of the network: its ed25519 node key, its place in the DHT, and its connections. */
export class Node {
  readonly publicKey: Hex;
  readonly #dht: HyperDHT;
  readonly #options: NodeOptions;
  readonly #connections = new Set<Connection>();
  readonly #announcer: Announcer;
  readonly #records: NodeRecords;
  #entrance: Entrance | undefined;
  #lookout: Lookout | undefined;
  #relay: RelayService | undefined;
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
    return new Node(dht, options);
  }

  private constructor(dht: HyperDHT, options: NodeOptions) {
    this.#dht = dht;
    this.#options = options;
    this.publicKey = toHex(dht.defaultKeyPair.publicKey);
    this.#announcer = new Announcer(dht, () => this.#entrance?.relayAddresses ?? []);
    this.#records = new NodeRecords(dht);
  }

  /** Addresses at which this node is reached without the DHT, while it listens. */
  get addresses(): readonly string[] {
    return this.#entrance?.addresses ?? [];
  }

  /** What is relayed for others; undefined when nothing is. */
  get relayStatus(): RelayStatus | undefined {
    return this.#relay?.status;
  }

  /** Asks some of the DHT nodes that this one knows. @returns how many answered */
  async neighbours(): Promise<number> {
    const asked = this.#dht.toArray({ limit: 4 }).map((address) => this.#dht.ping(address, { retry: false }));
    return (await Promise.allSettled(asked)).filter(({ status }) => status === "fulfilled").length;
  }

  /** Accepts connections to this node's key. Once in a node's life. @throws network/unreachable, network/bad-address */
  async listen(options: ListenOptions): Promise<void> {
    if (this.#entrance !== undefined) throw new DemecError("network/closed", "This node is listening already.");
    const { tcp, webSocket, webRtc, relay } = this.#options;
    if (relay !== undefined) this.#relay = new RelayService(this.#dht, relay);
    this.#entrance = new Entrance({
      ...options,
      dht: this.#dht,
      doors: { tcp, webSocket, webRtc },
      relay: this.#relay,
      greet: (stream) => this.#greet(stream, { timeoutMs: GREETING_MS }),
      greetingMs: GREETING_MS,
    });
    try {
      await this.#entrance.open();
      this.#lookout = new Lookout({
        dht: this.#dht,
        relayAddresses: () => this.#entrance?.relayAddresses ?? [],
        refresh: () => this.#entrance?.refresh(),
        forgotten: () => {
          this.#announcer.refresh();
          this.#records.refresh();
        },
      });
      if (this.addresses.length > 0) {
        await this.#records.publish(SECTIONS.addresses, encodeAddresses(this.addresses));
      }
      if (relay !== undefined) await this.announce(relayTopic());
    } catch (error) {
      this.#lookout?.close();
      await this.#entrance.close();
      this.#entrance = undefined;
      throw error;
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
   * Publishes what this node sells beside its addresses in its record of the DHT, signed by its node key, in place of an
   * earlier advert; kept for some two days.
   * @param advert some 750 bytes at most
   * @throws network/record-too-long, network/unreachable when it can't be read back
   */
  publishAdvert(advert: Uint8Array): Promise<void> {
    return this.#records.publish(SECTIONS.advert, advert);
  }

  /** The advert of a node key as some DHT node has it, its signature checked; null where there is none. */
  async readAdvert(publicKey: Hex): Promise<Uint8Array | null> {
    const key = fromHex(publicKey);
    // Adverts age quickly. The addresses that come with it save the dialler a question.
    this.#records.forget(key);
    return (await this.#records.read(key, SECTIONS.advert)) ?? null;
  }

  /** Requests that this node has sent to others of the DHT. */
  get dhtRequests(): number {
    return this.#dht.stats.requests.total;
  }

  /**
   * Connects to the holder of a node key, wherever it is; the handshake proves the key. Where the node publishes a TCP
   * address that is tried first; UDX through the DHT, by a hole or a relay, is not far behind.
   * @throws network/unreachable when it can't be found or reached
   * @throws network/timeout, network/aborted, network/key-mismatch, network/version-mismatch
   */
  async connect(publicKey: Hex, options: ConnectOptions = {}): Promise<Connection> {
    const key = fromHex(publicKey);
    const { timeoutMs = 10_000 } = options;
    const deadline = (signal: AbortSignal): Deadline => ({
      timeoutMs,
      signal: options.signal === undefined ? signal : AbortSignal.any([signal, options.signal]),
    });
    const ways = [
      (signal: AbortSignal) => this.#connectTcp(key, options.addresses, deadline(signal)),
      (signal: AbortSignal) => {
        const until = deadline(signal);
        return punchThrough(() => this.#connectUdx(key, options.relayAddresses, until), until);
      },
    ];
    const { relays } = options;
    if (relays !== undefined) {
      ways.push((signal) => this.#connectRelayed(key, relays, options.relayAddresses, deadline(signal)));
    }
    return race(ways, [TCP_HEAD_START_MS, PUNCH_HEAD_START_MS], (late) => void late.close());
  }

  /** Through the first of some relays that does it. */
  async #connectRelayed(
    key: Uint8Array,
    relays: () => Promise<readonly Hex[]>,
    relayAddresses: readonly Address[] | undefined,
    { timeoutMs, signal }: Deadline,
  ): Promise<Connection> {
    const own = new Set([this.publicKey, toHex(key)]);
    const usable = (await relays()).filter((relay) => !own.has(relay)).slice(0, MAX_RELAYS);
    if (usable.length === 0 || signal?.aborted) {
      throw new DemecError("network/unreachable", `No hole leads to ${toHex(key)}, and no relay is known.`);
    }
    return race(
      usable.map((relay) => (over: AbortSignal) => {
        const until = { timeoutMs, signal: AbortSignal.any([over, signal!]) };
        return this.#connectUdx(key, relayAddresses, until, relay);
      }),
      [NEXT_RELAY_MS],
      (late) => void late.close(),
    );
  }

  async #connectTcp(
    key: Uint8Array,
    given: readonly string[] | undefined,
    { timeoutMs, signal }: Deadline,
  ): Promise<Connection> {
    const mayBeReserved = this.#options.host !== undefined && isReserved(this.#options.host);
    const addresses = tcpAddresses(given ?? (await this.#publishedAddresses(key))).filter(
      ({ host }) => mayBeReserved || !isReserved(host),
    );
    if (addresses.length === 0 || signal?.aborted) {
      throw new DemecError("network/unreachable", `${toHex(key)} publishes no TCP address.`);
    }
    try {
      return await race(
        addresses.map(({ host, port }) => async (over: AbortSignal) => {
          const stream = dialTcp(host, port, this.#dht.defaultKeyPair);
          return this.#greet(stream, { timeoutMs, signal: AbortSignal.any([over, signal!]) }, toHex(key));
        }),
        [NEXT_ADDRESS_MS],
        (late) => void late.close(),
      );
    } catch (error) {
      this.#records.forget(key);
      throw error;
    }
  }

  async #publishedAddresses(key: Uint8Array): Promise<string[]> {
    const section = await this.#records.read(key, SECTIONS.addresses);
    return section === undefined ? [] : decodeAddresses(section);
  }

  /** @param relay is used, and no hole punched: the two ends could otherwise settle on different ways */
  async #connectUdx(
    key: Uint8Array,
    relayAddresses: readonly Address[] | undefined,
    deadline: Deadline,
    relay?: Hex,
  ): Promise<Connection> {
    const through = { holepunch: () => false, localConnection: false };
    const stream = this.#dht.connect(key, {
      createSecretStream: udxStream,
      ...(relayAddresses === undefined ? {} : { relayAddresses: [...relayAddresses] }),
      ...(relay === undefined ? {} : { relayThrough: fromHex(relay), ...through }),
    }) as NoiseStream;
    stream.relay = relay ?? null;
    return this.#greet(stream, deadline, toHex(key));
  }

  async #greet(stream: NoiseStream, deadline: Deadline, expectedKey?: Hex): Promise<Connection> {
    const connection = await Connection.open(stream, this.#options.connection ?? {}, deadline, expectedKey);
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
    this.#lookout?.close();
    this.#records.close();
    const farewell = Promise.all([...goodbyes, this.#announcer.close(), this.#entrance?.close(), this.#relay?.close()]);
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
