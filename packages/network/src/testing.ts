import { encodeFrame, type Frame, type Hex, WIRE_VERSION } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import HyperDHT from "hyperdht";
import Protomux from "protomux";
import { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connectionTypes.ts";
import { udxStream } from "./dht/entrance.ts";
import { GuideService } from "./guide/guideService.ts";
import { TunnelChannel } from "./guide/tunnelChannel.ts";
import { TunnelStream } from "./guide/tunnelStream.ts";
import { fromHex, toHex } from "./hex.ts";
import { rawBytes } from "./mux.ts";
import type { Address } from "./networkTypes.ts";
import { encodeSections, SECTIONS } from "./records/sections.ts";
import { type Carrier, NoiseStream } from "./transport/noiseStream.ts";
import { noisePair } from "./transport/testing.ts";

// For tests: two ends of a connection on 127.0.0.1, and a peer that says what no honest one would.

const IN_TIME = { timeoutMs: 5000 };

export async function connectionPair(
  options: ConnectionOptions = {},
  serverOptions = options,
  carrier: Carrier = "tcp",
): Promise<[client: Connection, server: Connection]> {
  const [client, server] = await noisePair(carrier);
  return Promise.all([Connection.open(client, options, IN_TIME), Connection.open(server, serverOptions, IN_TIME)]);
}

/** The far end of a connection, hand-driven: it sends any bytes as a batch and keeps the batches that come. */
export class RawPeer {
  readonly stream: NoiseStream;
  readonly received: Uint8Array[] = [];
  readonly closed: Promise<void>;
  /** Called for each batch that comes. */
  onBatch: () => void = () => {};
  readonly #message: Protomux.Message<Uint8Array>;

  constructor(stream: NoiseStream, hello: Frame = { type: "hello", version: WIRE_VERSION, agent: "raw" }) {
    this.stream = stream;
    stream.maxMessageBytes = Number.POSITIVE_INFINITY;
    this.closed = new Promise((resolve) => {
      if (stream.destroyed) resolve();
      else stream.once("close", () => resolve());
    });
    const channel = new Protomux(stream).createChannel({ protocol: "demec", ondrain() {}, onclose() {} })!;
    this.#message = channel.addMessage({
      encoding: rawBytes,
      autoBatch: false,
      onmessage: (bytes) => {
        this.received.push(bytes.slice());
        this.onBatch();
      },
    });
    channel.open();
    this.sendFrame(hello);
  }

  send(batch: Uint8Array): void {
    this.#message.send(batch);
  }

  /** A frame of less than 253 bytes. */
  sendFrame(frame: Frame): void {
    const bytes = encodeFrame(frame);
    this.send(Uint8Array.of(bytes.length, ...bytes));
  }
}

/** A node of the DHT whose connections say what no honest one would. */
export class HostileNode {
  readonly #dht: HyperDHT;

  constructor(bootstrap: readonly Address[]) {
    this.#dht = new HyperDHT({ bootstrap, host: "127.0.0.1" });
  }

  /** A peer that has been greeted. */
  async connect(publicKey: Hex): Promise<RawPeer> {
    const stream = this.#dht.connect(fromHex(publicKey), { createSecretStream: udxStream }) as NoiseStream;
    stream.on("error", () => {});
    if (!(await stream.opened)) throw new Error(`There is no connection to ${publicKey}.`);
    const peer = new RawPeer(stream);
    // Before it greets, a node takes no long message at all.
    await until("it has greeted", () => peer.received.length > 0 || stream.destroying);
    return peer;
  }

  close(): Promise<void> {
    return this.#dht.destroy();
  }
}

/**
 * Runs `act` as a peer that connects to a node through the DHT, is greeted and says what it likes; waits until the node
 * has ended the connection.
 */
export async function asHostilePeer(
  bootstrap: readonly Address[],
  publicKey: Hex,
  act: (peer: RawPeer) => void,
): Promise<void> {
  const node = new HostileNode(bootstrap);
  try {
    const peer = await node.connect(publicKey);
    act(peer);
    await peer.closed;
  } finally {
    await node.close();
  }
}

/**
 * A DHT on addresses of this machine that others reach, such as in a network namespace; ends with the process.
 * @param hosts IPv4 addresses, a DHT node on each, the first of which is the entry point
 */
export async function startDhtOn(hosts: readonly string[], port: number): Promise<void> {
  for (const [index, host] of hosts.entries()) {
    const bootstrap = index === 0 ? [] : [{ host: hosts[0]!, port }];
    const node = new HyperDHT({ ephemeral: false, firewalled: false, bootstrap, host, port });
    await node.fullyBootstrapped();
  }
}

/** A connection and the raw peer at its other end, which took the call; greeted. */
export async function withRawPeer(
  options: ConnectionOptions = {},
  carrier: Carrier = "tcp",
): Promise<[connection: Connection, peer: RawPeer]> {
  const [client, server] = await noisePair(carrier);
  const peer = new RawPeer(server);
  return [await Connection.open(client, options, IN_TIME), peer];
}

/** From now on nobody is reached from this process by UDX, as behind a firewall that lets no UDP through between peers. */
export function forbidUdx(): void {
  HyperDHT.prototype.connect = () => {
    throw new Error("No UDP gets through here.");
  };
}

/** Many providers on one machine: it announces topics, and publishes records, under any number of node keys. */
export class Crowd {
  readonly #dht: HyperDHT;

  static async join(bootstrap: readonly Address[]): Promise<Crowd> {
    const dht = new HyperDHT({ bootstrap, host: "127.0.0.1" });
    await dht.fullyBootstrapped();
    return new Crowd(dht);
  }

  private constructor(dht: HyperDHT) {
    this.#dht = dht;
  }

  /** One more of the crowd. @returns its node key */
  async add(seed: Uint8Array, topics: readonly Uint8Array[], advert: Uint8Array | null): Promise<Hex> {
    const keyPair = HyperDHT.keyPair(seed);
    for (const topic of topics) await this.#dht.announce(topic, keyPair, [this.#dht.address()!]).finished();
    if (advert !== null) {
      const record = encodeSections(new Map([[SECTIONS.advert, advert]]));
      await this.#dht.mutablePut(keyPair, record, { seq: 1 });
    }
    return toHex(keyPair.publicKey);
  }

  close(): Promise<void> {
    return this.#dht.destroy();
  }
}

/** What a hostile guide does. */
export interface Interception {
  /** Gets each piece of a tunnel, and says what goes on in its place; "cut" ends the tunnel. */
  readonly pass: (piece: Uint8Array) => readonly Uint8Array[] | "cut";
  /** Whether the next tunnel ends here, with a handshake of this process's own, instead of where it is to lead. */
  readonly answers: () => boolean;
}

/** From now on the guides in this process do to tunnels all that somebody in the middle can. */
export function interceptTunnels({ pass, answers }: Interception): void {
  const { send } = TunnelChannel.prototype;
  const { onTunnel } = GuideService.prototype;
  TunnelChannel.prototype.send = function (piece) {
    const pieces = pass(piece);
    if (pieces === "cut") this.close();
    else for (const each of pieces) send.call(this, each);
  };
  GuideService.prototype.onTunnel = function (tunnel, target, link) {
    if (!answers()) {
      onTunnel.call(this, tunnel, target, link);
      return;
    }
    const stream = new NoiseStream("tunnel", false, new TunnelStream(tunnel, null), { keyPair: HyperDHT.keyPair() });
    Connection.open(stream, {}, IN_TIME).catch(() => {});
  };
}
