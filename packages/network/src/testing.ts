import { setTimeout as sleep } from "node:timers/promises";
import { encodeFrame, type Frame, type Hex, WIRE_VERSION } from "@demec/protocol";
import HyperDHT from "hyperdht";
import Protomux from "protomux";
import { Connection } from "./connection.ts";
import type { ConnectionOptions } from "./connectionTypes.ts";
import { udxStream } from "./dht/entrance.ts";
import type { Address } from "./dht/node.ts";
import { fromHex } from "./hex.ts";
import { rawBytes } from "./mux.ts";
import type { Carrier, NoiseStream } from "./transport/noiseStream.ts";
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
  readonly #message: Protomux.Message<Uint8Array>;

  constructor(stream: NoiseStream, hello: Frame = { type: "hello", version: WIRE_VERSION, agent: "raw" }) {
    this.stream = stream;
    stream.maxMessageBytes = Number.POSITIVE_INFINITY;
    const channel = new Protomux(stream).createChannel({ protocol: "demec", ondrain() {}, onclose() {} })!;
    this.#message = channel.addMessage({
      encoding: rawBytes,
      autoBatch: false,
      onmessage: (bytes) => this.received.push(bytes.slice()),
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

/**
 * Runs `act` as a peer that connects to a node through the DHT, is greeted and says what it likes; waits until the node
 * has ended the connection.
 */
export async function asHostilePeer(
  bootstrap: readonly Address[],
  publicKey: Hex,
  act: (peer: RawPeer) => void,
): Promise<void> {
  const dht = new HyperDHT({ bootstrap, host: "127.0.0.1" });
  try {
    const stream = dht.connect(fromHex(publicKey), { createSecretStream: udxStream }) as NoiseStream;
    stream.on("error", () => {});
    await stream.opened;
    const closed = new Promise((resolve) => stream.once("close", resolve));
    const peer = new RawPeer(stream);
    // Before it greets, a node takes no long message at all.
    while (peer.received.length === 0 && !stream.destroying) await sleep(1);
    act(peer);
    await closed;
  } finally {
    await dht.destroy();
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
