import { createSocket } from "node:dgram";
import { once } from "node:events";
import { DemecError } from "@demec/protocol";
import createTestnet from "hyperdht/testnet.js";
import type { Address } from "../networkTypes.ts";

export interface LocalDht {
  /** What nodes are given as `bootstrap`. */
  readonly bootstrap: readonly Address[];
  close(): Promise<void>;
}

/**
 * A small DHT on 127.0.0.1, for demos and tests.
 * @param nodes DHT nodes in it; an announcement lives on up to twenty of them
 * @param port of the entry point; any free one when left out
 * @throws network/unreachable when the port is taken
 */
export async function startLocalDht({ nodes = 4, port }: { nodes?: number; port?: number } = {}): Promise<LocalDht> {
  const host = "127.0.0.1";
  const testnet = await createTestnet(nodes, { host, port: port ?? (await freePort(host)) });
  // hyperdht takes another port without a word where one is taken.
  const actual = testnet.bootstrap[0]!.port;
  if (port !== undefined && actual !== port) {
    await testnet.destroy();
    throw new DemecError("network/unreachable", `Port ${port} of ${host} is taken.`, { details: { host, port } });
  }
  return { bootstrap: testnet.bootstrap, close: () => testnet.destroy() };
}

/** One that others are not likely to take while a DHT starts again: hyperdht itself takes the first free above 49737. */
async function freePort(host: string): Promise<number> {
  const socket = createSocket("udp4").bind(0, host);
  await once(socket, "listening");
  const { port } = socket.address();
  socket.close();
  return port;
}
