import { createSocket } from "node:dgram";
import { once } from "node:events";
import { DemecError, type Hex } from "@demec/protocol";
import HyperDHT from "hyperdht";
import { Announcer } from "../announcer.ts";
import { Connection } from "../connection.ts";
import type { ConnectionOptions } from "../connectionTypes.ts";
import { type Deadline, within } from "../deadline.ts";
import { Directory } from "../guide/directory.ts";
import { GuideLink, REFUSE_ALL } from "../guide/guideLink.ts";
import { type GuidePolicy, GuideService, type GuideStatus } from "../guide/guideService.ts";
import { fromHex, toHex } from "../hex.ts";
import type { Address, ConnectOptions, FoundPeer, Guide, LookupOptions } from "../networkTypes.ts";
import { type ListenOptions, Reception } from "../reception.ts";
import { encodeAddresses, webSocketAddresses } from "../records/addresses.ts";
import { NodeRecords } from "../records/nodeRecords.ts";
import { SECTIONS } from "../records/sections.ts";
import { relayTopic } from "../topics.ts";
import type { DoorOptions } from "../transport/listener.ts";
import type { NoiseStream } from "../transport/noiseStream.ts";
import type { WebRtcOptions } from "../webrtc/webRtcDoor.ts";
import { Dialler } from "./dialler.ts";
import { Entrance } from "./entrance.ts";
import { isReserved } from "./ipAddresses.ts";
import { Lookout } from "./lookout.ts";
import { type RelayPolicy, RelayService, type RelayStatus } from "./relayService.ts";

/** For handshake and greeting of those who come in. */
const GREETING_MS = 10_000;

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
  /** How far pages are guided that come by WebSocket: a node that listens for WebSockets is a guide. */
  readonly guide?: GuidePolicy | undefined;
}

/** One participant of the network: its ed25519 node key, its place in the DHT, and its connections. */
export class Node {
  readonly publicKey: Hex;
  readonly #dht: HyperDHT;
  readonly #options: NodeOptions;
  readonly #connections = new Set<Connection>();
  readonly #directory: Directory;
  readonly #announcer: Announcer;
  readonly #records: NodeRecords;
  readonly #dialler: Dialler;
  #entrance: Entrance | undefined;
  #lookout: Lookout | undefined;
  #relay: RelayService | undefined;
  #guide: GuideService | undefined;
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
    this.#directory = new Directory(dht);
    this.#options = options;
    this.publicKey = toHex(dht.defaultKeyPair.publicKey);
    const { defaultKeyPair: keyPair } = dht;
    this.#announcer = new Announcer({
      announce: (topic) => dht.announce(topic, keyPair, this.#entrance?.relayAddresses ?? []).finished(),
      unannounce: (topic) => dht.unannounce(topic, keyPair),
    });
    this.#records = new NodeRecords({
      publicKey: this.publicKey,
      get: (publicKey, { isNewest }) => dht.mutableGet(fromHex(publicKey), { latest: isNewest }),
      put: async (value, seq) => void (await dht.mutablePut(keyPair, value, { seq })),
    });
    this.#dialler = new Dialler({
      dht,
      records: this.#records,
      mayBeReserved: options.host !== undefined && isReserved(options.host),
      linkTo: (guide, deadline) => this.#linkTo(guide, deadline),
    });
  }

  /** Addresses at which this node is reached without the DHT, while it listens. */
  get addresses(): readonly string[] {
    return this.#entrance?.addresses ?? [];
  }

  /** What is relayed for others; undefined when nothing is. */
  get relayStatus(): RelayStatus | undefined {
    return this.#relay?.status;
  }

  /** What a page needs to be guided by this node; undefined unless it listens for WebSockets. */
  get guide(): Guide | undefined {
    const url = webSocketAddresses(this.addresses)[0]?.href;
    return url === undefined ? undefined : { url, publicKey: this.publicKey };
  }

  /** What is done for pages; undefined before this node listens. */
  get guideStatus(): GuideStatus | undefined {
    return this.#guide?.status;
  }

  /** Asks some of the DHT nodes that this one knows. @returns how many answered */
  async neighbours(): Promise<number> {
    const asked = this.#dht.toArray({ limit: 4 }).map((address) => this.#dht.ping(address, { retry: false }));
    return (await Promise.allSettled(asked)).filter(({ status }) => status === "fulfilled").length;
  }

  /** Accepts connections to this node's key. Once in a node's life. @throws network/unreachable, network/bad-address */
  async listen(options: ListenOptions): Promise<void> {
    if (this.#entrance !== undefined) throw new DemecError("network/closed", "This node is listening already.");
    const { tcp, webSocket, webRtc, relay, guide = {} } = this.#options;
    if (relay !== undefined) this.#relay = new RelayService(this.#dht, relay);
    const reception = new Reception({ ...options, greet: (stream) => this.#receive(stream) });
    this.#guide = new GuideService({
      publicKey: this.publicKey,
      policy: webSocket === undefined ? null : guide,
      directory: this.#directory,
      dial: (target) => this.#linkTo(target, {}),
      take: (tunnel, link) => reception.takeTunnel(tunnel, link, this.#dht.defaultKeyPair),
    });
    this.#entrance = new Entrance({ dht: this.#dht, doors: { tcp, webSocket, webRtc }, reception });
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
  lookup(topic: Uint8Array, options: LookupOptions = {}): AsyncGenerator<FoundPeer, void, void> {
    return this.#directory.lookup(topic, options);
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
    return this.#records.advert(toHex(fromHex(publicKey)));
  }

  /** Where the holder of a node key says it is reached without the DHT, as its record has it; none where there is none. */
  addressesOf(publicKey: Hex): Promise<string[]> {
    return this.#records.addresses(publicKey);
  }

  /** Requests that this node has sent to others of the DHT. */
  get dhtRequests(): number {
    return this.#dht.stats.requests.total;
  }

  /**
   * Connects to the holder of a node key, wherever it is; the handshake proves the key. Where the node publishes a TCP
   * address that is tried first, then a guide that leads to it; UDX through the DHT, by a hole or a relay, is not far behind.
   * @throws network/unreachable when it can't be found or reached
   * @throws network/timeout, network/aborted, network/key-mismatch, network/version-mismatch
   */
  async connect(publicKey: Hex, options: ConnectOptions = {}): Promise<Connection> {
    return this.#dialler.reach(publicKey, options, true, (...dialled) => this.#greet(...dialled));
  }

  /** A link for guidance and tunnels; guides of guides would be endless. */
  #linkTo(publicKey: Hex, deadline: Partial<Deadline>): Promise<GuideLink> {
    return this.#dialler.reach(publicKey, deadline, false, (stream, until, expectedKey) =>
      GuideLink.open(stream, this.#guide ?? REFUSE_ALL, {
        greet: (stream) => this.#greet(stream, until),
        deadline: until,
        expectedKey,
      }),
    );
  }

  /** Finds out what whoever comes in wants. @returns the connection of one who wants to call */
  async #receive(stream: NoiseStream): Promise<Connection | null> {
    const deadline = { timeoutMs: GREETING_MS };
    const received = await GuideLink.accept(stream, this.#guide!, async () => {
      if (await this.#relay?.takes(stream, deadline)) return null;
      this.#entrance?.offerWebRtc(stream);
      return this.#greet(stream, deadline);
    });
    return received instanceof GuideLink ? null : received;
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
    const farewell = Promise.all([
      ...goodbyes,
      this.#announcer.close(),
      this.#entrance?.close(),
      this.#relay?.close(),
      this.#guide?.close(),
    ]);
    await within(farewell, "Leaving the network", { timeoutMs: 2000 }).catch(() => {});
    await this.#dht.destroy({ force: true });
  }
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
