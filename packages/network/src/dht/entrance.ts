import { DemecError } from "@demec/protocol";
import type NoiseSecretStream from "@hyperswarm/secret-stream";
import type HyperDHT from "hyperdht";
import type { Reception } from "../reception.ts";
import type { Doorkeeper, DoorOptions, Listener } from "../transport/listener.ts";
import { NoiseStream } from "../transport/noiseStream.ts";
import { listenTcp } from "../transport/tcp.ts";
import { listenWebSocket } from "../transport/webSocketListener.ts";
import { WebRtcDoor, type WebRtcOptions } from "../webrtc/webRtcDoor.ts";

interface EntranceOptions {
  readonly dht: HyperDHT;
  readonly doors: {
    readonly tcp?: DoorOptions | undefined;
    readonly webSocket?: DoorOptions | undefined;
    readonly webRtc?: WebRtcOptions | undefined;
  };
  readonly reception: Reception;
}

/** Where peers come in: the node's key in the DHT, a TCP port, a WebSocket port, and data channels that those inside ask for. */
export class Entrance {
  readonly #options: EntranceOptions;
  #server: HyperDHT.Server | undefined;
  #listeners: Listener[] = [];
  #webRtc: WebRtcDoor | undefined;

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
    const { dht, doors, reception } = this.#options;
    const { tcp, webSocket, webRtc } = doors;
    const keeper: Doorkeeper = {
      keyPair: dht.defaultKeyPair,
      admits: () => reception.hasRoom,
      take: (stream) => reception.take(stream),
    };
    try {
      if (tcp !== undefined) this.#listeners.push(await listenTcp(tcp, keeper));
      if (webSocket !== undefined) this.#listeners.push(await listenWebSocket(webSocket, keeper));
      if (webRtc !== undefined) this.#webRtc = await WebRtcDoor.open(webRtc, keeper);
      const firewall = (key: Uint8Array, _payload: unknown, { host }: HyperDHT.Address) =>
        !reception.hasRoom || !reception.welcomes(key, host);
      this.#server = dht.createServer({ firewall, createSecretStream: udxStream }, (stream) =>
        reception.take(stream as NoiseStream),
      );
      await this.#server.listen().catch((cause) => {
        throw new DemecError("network/unreachable", "Can't announce this node's key in the DHT.", { cause });
      });
    } catch (error) {
      await this.close();
      throw error;
    }
  }

  /** Lets the other end of a stream ask for a data channel, where this node takes any. */
  offerWebRtc(stream: NoiseStream): void {
    this.#webRtc?.serve(stream);
  }

  async close(): Promise<void> {
    const listeners = this.#listeners;
    this.#listeners = [];
    this.#webRtc?.close();
    await Promise.all([...listeners.map((listener) => listener.close()), this.#server?.close()]);
  }
}

/** Makes the streams of hyperdht know their carrier and their limit. */
export function udxStream(...args: ConstructorParameters<typeof NoiseSecretStream>): NoiseStream {
  return new NoiseStream("udx", ...args);
}
