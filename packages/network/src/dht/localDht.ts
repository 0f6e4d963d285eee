import createTestnet from "hyperdht/testnet.js";
import type { Address } from "./node.ts";

export interface LocalDht {
  /** What nodes are given as `bootstrap`. */
  readonly bootstrap: readonly Address[];
  close(): Promise<void>;
}

/**
 * A small DHT on 127.0.0.1, for demos and tests.
 * @param nodes DHT nodes in it; an announcement lives on up to twenty of them
 * @param port of the entry point; any free one when left out
 */
export async function startLocalDht({
  nodes = 4,
  port = 0,
}: {
  nodes?: number;
  port?: number;
} = {}): Promise<LocalDht> {
  const testnet = await createTestnet(nodes, { host: "127.0.0.1", port });
  return { bootstrap: testnet.bootstrap, close: () => testnet.destroy() };
}
