import { DemecError, type Hex, isDemecError } from "@demec/protocol";
import NoiseSecretStream from "@hyperswarm/secret-stream";
import { Announcer } from "../announcer.ts";
import { Connection } from "../connection.ts";
import type { ConnectionOptions } from "../connectionTypes.ts";
import { type Deadline, within } from "../deadline.ts";
import { GuideLink, REFUSE_ALL } from "../guide/guideLink.ts";
import { type KeyPair, signRecord } from "../guide/signables.ts";
import { fromHex, toHex } from "../hex.ts";
import type { ConnectOptions, FoundPeer, Guide, LookupOptions } from "../networkTypes.ts";
import { firstOf, race } from "../race.ts";
import { type ListenOptions, Reception } from "../reception.ts";
import { encodeAddresses, viaAddress, viaAddresses } from "../records/addresses.ts";
import { NodeRecords } from "../records/nodeRecords.ts";
import { SECTIONS } from "../records/sections.ts";
import { NoiseStream } from "../transport/noiseStream.ts";
import { dialWebSocket } from "../transport/webSocketClient.ts";
import { upgradeToWebRtc } from "../webrtc/upgrade.ts";
import { type Guided, Guides } from "./guides.ts";
import { NewestRecords } from "./newestRecords.ts";
import { isPrivate, reachableWebSockets } from "./reachable.ts";

/** How much sooner a WebSocket is tried than a tunnel; the time to learn the address is in it. */
const DIRECT_HEAD_START_MS = 400;
/** How much sooner one address is tried than the next. */
const NEXT_ADDRESS_MS = 150;
/** Guides through which others come to a page that listens. */
const HELD_GUIDES = 2;
/** How long a tunnel that is there already waits to be left; and how long it is not tried again where no packet came through. */
const UPGRADE_MS = 2_000;
const NO_UDP_MS = 600_000;
const GREETING: Deadline = { timeoutMs: 10_000 };

export interface BrowserNodeOptions {
  /** One at least; more, so that one may fail. In order of preference. */
  readonly guides: readonly Guide[];
  /** 32 bytes that the node key is derived from; a fresh random key without it. */
  readonly seed?: Uint8Array | undefined;
  /** For all connections of this node. */
  readonly connection?: ConnectionOptions | undefined;
  /**
   * How a page leaves a tunnel by WebRTC, where the other end takes it: with STUN and TURN servers, if any. False: it keeps tunnels,
   * and its address from the other end.
   */
  readonly webRtc?: { readonly iceServers?: readonly RTCIceServer[] | undefined } | false | undefined;
}

/** What becomes of a stream that was dialled. */
type Greet<T> = (stream: NoiseStream, deadline: Deadline) => Promise<T>;

/**
 * A participant of the network that has no place in the DHT, such as a page: guides look into it for this node, and carry its
 * tunnels. What they say is checked here, and what goes through a tunnel is encrypted end to end.
 */
export class BrowserNode {
  readonly publicKey: Hex;
  readonly #options: BrowserNodeOptions;
  readonly #keyPair: KeyPair;
  readonly #isLocal: boolean;
  readonly #guides: Guides;
  readonly #records: NodeRecords;
  readonly #announcer: Announcer;
  readonly #connections = new Set<Connection>();
  /** Links to guides that let others in to this node. */
  readonly #leading = new Set<GuideLink>();
  #reception: Reception | undefined;
  #isClosed = false;
  #noWebRtcUntilMs = 0;

  /**
   * Makes a node; guides are connected to when they are first needed.
   * @throws network/bad-address, network/no-guide, protocol/malformed for guides that can be none
   */
  static async create(options: BrowserNodeOptions): Promise<BrowserNode> {
    if (options.guides.length === 0) throw new DemecError("network/no-guide", "No guide is given.");
    const guides = options.guides.map(({ url, publicKey }) => {
      const { protocol } = URL.parse(url) ?? {};
      if (protocol !== "ws:" && protocol !== "wss:") {
        throw new DemecError("network/bad-address", `${url} is not the address of a WebSocket.`, { details: { url } });
      }
      return { url, publicKey: toHex(fromHex(publicKey)) };
    });
    return new BrowserNode({ ...options, guides });
  }

  private constructor(options: BrowserNodeOptions) {
    this.#options = options;
    this.#keyPair = NoiseSecretStream.keyPair(options.seed);
    this.publicKey = toHex(this.#keyPair.publicKey);
    this.#isLocal = options.guides.some(({ url }) => isPrivate(new URL(url)));
    this.#guides = new Guides({
      guides: options.guides,
      keyPair: this.#keyPair,
      connection: options.connection ?? {},
      onTunnel: (tunnel, target, link) => {
        if (target === this.publicKey && this.#reception !== undefined) {
          this.#reception.takeTunnel(tunnel, link, this.#keyPair);
        } else REFUSE_ALL.onTunnel(tunnel, target, link);
      },
    });
    const newest = new NewestRecords();
    this.#records = new NodeRecords({
      publicKey: this.publicKey,
      get: async (publicKey, { isNewest }) =>
        newest.of(publicKey, await this.#guides.ask(({ client }) => client.read(publicKey, isNewest))),
      put: (value, seq) => this.#guides.ask(({ client }) => client.put(signRecord(seq, value, this.#keyPair))),
    });
    this.#announcer = new Announcer({
      announce: (topic) => this.#guides.ask(({ client }) => client.announce(topic)),
      unannounce: (topic) => this.#guides.ask(({ client }) => client.unannounce(topic)),
    });
  }

  /**
   * Nodes that announced a topic, each once.
   * @throws network/no-guide, network/guide-refused, network/timeout, network/aborted
   */
  async *lookup(topic: Uint8Array, options: LookupOptions = {}): AsyncGenerator<FoundPeer, void, void> {
    // As a whole, so that another guide can do it where one fails: it takes a fraction of a second.
    yield* await this.#guides.ask(({ client }) => client.lookup(topic, options));
  }

  /** The advert of a node key as some DHT node has it, its signature checked; null where there is none. */
  async readAdvert(publicKey: Hex): Promise<Uint8Array | null> {
    return this.#records.advert(toHex(fromHex(publicKey)));
  }

  /**
   * Connects to the holder of a node key: by WebSocket, where its record names one that this page may call, else through a tunnel
   * of a guide, which a page leaves by WebRTC where the other end takes that. The handshake proves the key in all cases.
   * @throws network/unreachable, network/no-guide, network/guide-refused when it can't be found or reached
   * @throws network/timeout, network/aborted, network/key-mismatch, network/version-mismatch
   */
  async connect(publicKey: Hex, options: ConnectOptions = {}): Promise<Connection> {
    const key = toHex(fromHex(publicKey));
    const { timeoutMs = 10_000 } = options;
    const until = (signal: AbortSignal): Deadline => ({
      timeoutMs,
      signal: options.signal === undefined ? signal : AbortSignal.any([signal, options.signal]),
    });
    const addresses = () => options.addresses ?? this.#records.addresses(key);
    const greet: Greet<Connection> = (stream, deadline) => this.#greet(stream, deadline, key);
    const connection = await race(
      [
        async (signal) => this.#direct(key, await addresses(), until(signal), greet),
        async (signal) => this.#tunnelled(key, await addresses(), until(signal), greet),
      ],
      [DIRECT_HEAD_START_MS],
      (late) => void late.close(),
    );
    return connection.carrier === "tunnel" ? this.#upgraded(connection, options.signal) : connection;
  }

  /** The connection itself, where no better way leads to the other end. */
  async #upgraded(tunnelled: Connection, signal?: AbortSignal): Promise<Connection> {
    const { webRtc = {}, connection } = this.#options;
    const isPage = globalThis.RTCPeerConnection !== undefined;
    if (webRtc === false || !isPage || performance.now() < this.#noWebRtcUntilMs) return tunnelled;
    try {
      const keyPair = this.#keyPair;
      const better = await upgradeToWebRtc(tunnelled, {
        ...webRtc,
        keyPair,
        connection,
        signal,
        timeoutMs: UPGRADE_MS,
      });
      void tunnelled.close();
      return this.#kept(better);
    } catch (error) {
      if (isDemecError(error, "network/timeout")) this.#noWebRtcUntilMs = performance.now() + NO_UDP_MS;
      return tunnelled;
    }
  }

  /**
   * Takes connections to this node's key, which come through guides: its record says so. Once in a node's life.
   * @throws network/timeout when no guide takes it in time; it goes on trying
   */
  async listen(options: ListenOptions): Promise<void> {
    if (this.#reception !== undefined) throw new DemecError("network/closed", "This node is listening already.");
    this.#reception = new Reception({ ...options, greet: (stream) => this.#greet(stream, GREETING) });
    const isReachable = Promise.withResolvers<void>();
    this.#guides.hold(HELD_GUIDES, async (guided) => {
      await this.#settle(guided);
      isReachable.resolve();
    });
    await within(isReachable.promise, "Being led to by a guide", GREETING);
  }

  /**
   * Announces this node under a topic, and again every ten minutes, until {@link unannounce} or {@link close}.
   * @param topic 32 bytes
   * @throws network/unreachable when no guide does it
   */
  announce(topic: Uint8Array): Promise<void> {
    return this.#announcer.add(topic);
  }

  /** Takes the announcement back. */
  unannounce(topic: Uint8Array): Promise<void> {
    return this.#announcer.remove(topic);
  }

  /**
   * Publishes what this node sells beside its addresses in its record of the DHT.
   * @param advert some 750 bytes at most
   * @throws network/record-too-long, network/unreachable when it can't be read back; network/no-guide
   */
  publishAdvert(advert: Uint8Array): Promise<void> {
    return this.#records.publish(SECTIONS.advert, advert);
  }

  /** Says goodbye to everybody and takes back announcements; within some seconds. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#records.close();
    const farewell = Promise.all([
      ...[...this.#connections].map((connection) => connection.close("network/closed", "This node closes.")),
      this.#announcer.close(),
    ]);
    await within(farewell, "Leaving the network", { timeoutMs: 2_000 }).catch(() => {});
    await this.#guides.close();
  }

  /** A guide has just been connected to, through which others are to come. */
  async #settle({ client, link }: Guided): Promise<void> {
    await client.listen();
    this.#leading.add(link);
    void link.closed.then(() => this.#leading.delete(link));
    const addresses = [...this.#leading].map(({ peer }) => viaAddress(peer));
    await this.#records.publish(SECTIONS.addresses, encodeAddresses(addresses));
    this.#announcer.refresh();
  }

  async #direct<T extends { close(): Promise<void> }>(
    key: Hex,
    addresses: readonly string[],
    deadline: Deadline,
    greet: Greet<T>,
  ): Promise<T> {
    const urls = reachableWebSockets(addresses, this.#isLocal);
    if (urls.length === 0) throw new DemecError("network/unreachable", `${key} names no WebSocket for a page to call.`);
    try {
      return await firstOf(urls, NEXT_ADDRESS_MS, deadline, (url, until) =>
        greet(dialWebSocket(url, this.#keyPair), until),
      );
    } catch (error) {
      this.#records.forget(key);
      throw error;
    }
  }

  async #tunnelled(
    key: Hex,
    addresses: readonly string[],
    deadline: Deadline,
    greet: Greet<Connection>,
  ): Promise<Connection> {
    const named = viaAddresses(addresses);
    const through = (link: GuideLink, until: Deadline) => {
      const stream = new NoiseStream("tunnel", true, link.tunnel(key), { keyPair: this.#keyPair });
      stream.relay = link.peer;
      return greet(stream, until);
    };
    // Whom no guide is named for is in the DHT itself, where any guide finds it.
    if (named.length === 0) return this.#guides.ask(({ link }) => through(link, deadline));
    return firstOf(named, NEXT_ADDRESS_MS, deadline, async (guide, until) => {
      const own = await this.#guides.byKey(guide);
      if (own !== null) return through(own.link, until);
      const link = await this.#strangeGuide(guide, until);
      try {
        const connection = await through(link, until);
        void connection.closed.then(() => link.close());
        return connection;
      } catch (error) {
        void link.close();
        throw error;
      }
    });
  }

  /** A guide of somebody else's, for one tunnel. */
  async #strangeGuide(guide: Hex, deadline: Deadline): Promise<GuideLink> {
    return this.#direct(guide, await this.#records.addresses(guide), deadline, (stream, until) =>
      GuideLink.open(stream, REFUSE_ALL, {
        greet: (stream) => Connection.open(stream, this.#options.connection ?? {}, until),
        deadline: until,
        expectedKey: guide,
      }),
    );
  }

  async #greet(stream: NoiseStream, deadline: Deadline, expectedKey?: Hex): Promise<Connection> {
    return this.#kept(await Connection.open(stream, this.#options.connection ?? {}, deadline, expectedKey));
  }

  /** Ends with this node. */
  async #kept(connection: Connection): Promise<Connection> {
    this.#connections.add(connection);
    void connection.closed.then(() => this.#connections.delete(connection));
    if (this.#isClosed) {
      await connection.close();
      throw new DemecError("network/closed", "This node is closed.");
    }
    return connection;
  }
}
