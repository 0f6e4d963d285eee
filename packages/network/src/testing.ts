import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";
import { encodeFrame, type Frame, type Hex, WIRE_VERSION } from "@demec/protocol";
import NoiseSecretStream from "@hyperswarm/secret-stream";
import HyperDHT from "hyperdht";
import Protomux from "protomux";
import { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connectionTypes.ts";
import type { Address } from "./dht/node.ts";
import { fromHex } from "./hex.ts";
import { rawBytes } from "./mux.ts";

// For tests: two ends of a Noise stream over TCP on 127.0.0.1, and a peer that says what no honest one would.

export async function noisePair(): Promise<[client: NoiseSecretStream, server: NoiseSecretStream]> {
  const listener = createServer({ noDelay: true });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as { port: number };
  const socket = connect({ port, host: "127.0.0.1", noDelay: true });
  const [accepted] = (await once(listener, "connection")) as [Socket];
  listener.close();
  const pair: [NoiseSecretStream, NoiseSecretStream] = [
    new NoiseSecretStream(true, socket),
    new NoiseSecretStream(false, accepted),
  ];
  for (const stream of pair) stream.on("error", () => {});
  await Promise.all(pair.map((stream) => stream.opened));
  return pair;
}

const IN_TIME = { timeoutMs: 5000 };

export async function connectionPair(
  options: ConnectionOptions = {},
  serverOptions = options,
): Promise<[client: Connection, server: Connection]> {
  const [client, server] = await noisePair();
  return Promise.all([Connection.open(client, options, IN_TIME), Connection.open(server, serverOptions, IN_TIME)]);
}

/** The far end of a connection, hand-driven: it sends any bytes as a batch and keeps the batches that come. */
export class RawPeer {
  readonly stream: NoiseSecretStream;
  readonly received: Uint8Array[] = [];
  readonly closed: Promise<void>;
  /** Called for each batch that comes. */
  onBatch: () => void = () => {};
  readonly #message: Protomux.Message<Uint8Array>;

  constructor(stream: NoiseSecretStream, hello: Frame = { type: "hello", version: WIRE_VERSION, agent: "raw" }) {
    this.stream = stream;
    this.closed = new Promise((resolve) => {
      stream.once("close", () => resolve());
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

  async connect(publicKey: Hex): Promise<RawPeer> {
    const stream = this.#dht.connect(fromHex(publicKey));
    stream.on("error", () => {});
    await stream.opened;
    return new RawPeer(stream);
  }

  close(): Promise<void> {
    return this.#dht.destroy();
  }
}

/**
 * Runs `act` as a peer that connects to a node through the DHT and says what it likes; waits until the node has ended
 * the connection.
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

/** A connection and the raw peer at its other end, greeted. */
export async function withRawPeer(options: ConnectionOptions = {}): Promise<[connection: Connection, peer: RawPeer]> {
  const [client, server] = await noisePair();
  const peer = new RawPeer(client);
  return [await Connection.open(server, options, IN_TIME), peer];
}
