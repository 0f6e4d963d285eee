import { DemecError, type Hex } from "@demec/protocol";
import type NoiseSecretStream from "@hyperswarm/secret-stream";
import type HyperDHT from "hyperdht";
import type { Connection } from "../connection.ts";
import { within } from "../deadline.ts";
import { toHex } from "../hex.ts";
import type { Doorkeeper, DoorOptions, Listener } from "../transport/listener.ts";
import { NoiseStream } from "../transport/noiseStream.ts";
import { listenTcp } from "../transport/tcp.ts";
import { listenWebSocket } from "../transport/webSocketListener.ts";
import { WebRtcDoor, type WebRtcOptions } from "../webrtc/webRtcDoor.ts";
import type { RelayService } from "./relayService.ts";

export interface ListenOptions {
  /** Gets each connection after both sides have greeted. */
  readonly onConnection: (connection: Connection) => void;
  /** Hears of connections that failed before that, and of what `onConnection` threw; for logs. */
  readonly onFailure?: ((error: unknown) => void) | undefined;
  /**
   * Whether whoever proves this node key, from this address, may connect now; asked before the connection costs more
   * than its handshake. The address is null where it isn't known.
   */
  readonly admit?: ((nodeKey: Hex, host: string | null) => boolean) | undefined;
  /** Connections at most that have greeted; more are turned away. Default 4096. */
  readonly maxConnections?: number;
  /** Connections at most whose handshake or greeting is under way: those who stop half-way take no place inside. Default 1024. */
  readonly maxHandshakes?: number;
}

interface EntranceOptions extends ListenOptions {
  readonly dht: HyperDHT;
  readonly doors: {
    readonly tcp?: DoorOptions | undefined;
    readonly webSocket?: DoorOptions | undefined;
    readonly webRtc?: WebRtcOptions | undefined;
  };
  readonly relay: RelayService | undefined;
  readonly greet: (stream: NoiseStream) => Promise<Connection>;
  readonly greetingMs: number;
}

/** Where peers come in: the node's key in the DHT, a TCP port, a WebSocket port, and data channels that those inside ask for. */
export class Entrance {
  readonly #options: EntranceOptions;
  #server: HyperDHT.Server | undefined;
  #listeners: Listener[] = [];
  #webRtc: WebRtcDoor | undefined;
  /** Connections whose handshake or greeting is under way, and those that have greeted. */
  #outside = 0;
  #inside = 0;

  constructor(options: EntranceOptions) {
    this.#options = options;
  }

  /** DHT nodes that know the way to this node, as of now. */
  get relayAddresses(): HyperDHT.Address[] {
    return this.#server?.relayAddresses ?? [];
  }

  /** Announces this node's key anew. */
  refresh(): void {
    this.#server?.refresh();
  }

  /** Addresses at which this node is reached without the DHT. */
  get addresses(): string[] {
    return this.#listeners.map(({ address }) => address);
  }

  /** @throws network/unreachable, network/bad-address; all doors are closed then */
  async open(): Promise<void> {
    const { dht, doors } = this.#options;
    const { tcp, webSocket, webRtc } = doors;
    const keeper: Doorkeeper = {
      keyPair: dht.defaultKeyPair,
      admits: () => this.#admits(),
      take: (stream) => this.#take(stream),
    };
    try {
      if (tcp !== undefined) this.#listeners.push(await listenTcp(tcp, keeper));
      if (webSocket !== undefined) this.#listeners.push(await listenWebSocket(webSocket, keeper));
      if (webRtc !== undefined) this.#webRtc = await WebRtcDoor.open(webRtc, keeper);
      const firewall = (key: Uint8Array, _payload: unknown, { host }: HyperDHT.Address) =>
        !this.#admits() || !this.#welcomes(key, host);
      this.#server = dht.createServer({ firewall, createSecretStream: udxStream }, (stream) =>
        this.#take(stream as NoiseStream),
      );
      await this.#server.listen().catch((cause) => {
        throw new DemecError("network/unreachable", "Can't announce this node's key in the DHT.", { cause });
      });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const listeners = this.#listeners;
    this.#listeners = [];
    this.#webRtc?.close();
    await Promise.all([...listeners.map((listener) => listener.close()), this.#server?.close()]);
  }

  #admits(): boolean {
    const { maxConnections = 4096, maxHandshakes = 1024 } = this.#options;
    return this.#inside < maxConnections && this.#outside < maxHandshakes;
  }

  #welcomes(publicKey: Uint8Array, host: string | null): boolean {
    return this.#options.admit?.(toHex(publicKey), host) ?? true;
  }

  #take(stream: NoiseStream): void {
    this.#outside++;
    let isInside = false;
    const enter = () => {
      if (stream.destroyed || isInside) return;
      isInside = true;
      this.#outside--;
      this.#inside++;
    };
    stream.on("close", () => (isInside ? this.#inside-- : this.#outside--));
    // Errors end the stream; whoever waits for it hears of that.
    stream.on("error", () => {});
    void this.#accept(stream, enter);
  }

  /** @param enter is called when the other side has shown what it wants */
  async #accept(stream: NoiseStream, enter: () => void): Promise<void> {
    const { relay, greet, greetingMs, onConnection, onFailure } = this.#options;
    let connection: Connection | undefined;
    try {
      // Of UDX the DHT has asked before the handshake was over.
      if (
        stream.carrier !== "udx" &&
        (!(await within(stream.opened, "The handshake", { timeoutMs: greetingMs })) ||
          !this.#welcomes(stream.remotePublicKey, stream.remoteHost))
      ) {
        stream.destroy();
        return;
      }
      if (await relay?.takes(stream, { timeoutMs: greetingMs })) {
        enter();
        return;
      }
      this.#webRtc?.serve(stream);
      connection = await greet(stream);
      enter();
      onConnection(connection);
    } catch (error) {
      // A connection that fails to greet is the peer's affair; a handler that throws is a bug, never swallowed.
      if (connection !== undefined && onFailure === undefined) throw error;
      if (connection === undefined) stream.destroy();
      else void connection.close("network/handler-failed", "The connection could not be taken.");
      onFailure?.(error);
    }
  }
}

/** Makes the streams of hyperdht know their carrier and their limit. */
export function udxStream(...args: ConstructorParameters<typeof NoiseSecretStream>): NoiseStream {
  return new NoiseStream("udx", ...args);
}
