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
 */
export async function startLocalDht({ nodes = 4 }: { nodes?: number } = {}): Promise<LocalDht> {
  const testnet = await createTestnet(nodes, { host: "127.0.0.1" });
  return { bootstrap: testnet.bootstrap, close: () => testnet.destroy() };
}
