import { join } from "node:path";
import type { Deployment } from "@demec/chain";
import { Node, type NodeOptions } from "@demec/network";
import { type Journal, MemoryJournal } from "@demec/session";
import { LevelJournal } from "@demec/session/node";
import { type Account, createPublicClient, createWalletClient, http } from "viem";
import { createDemec, type Demec } from "../demec.ts";
import { MemoryVault } from "../sessionVault.ts";
import { FileVault } from "./fileVault.ts";

export interface ConnectOptions {
  /** Buyer's account, such as viem's `privateKeyToAccount(key)`. */
  readonly account: Account;
  /** JSON-RPC endpoint of the deployment's chain. */
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  /** Entry points and address of this node in the DHT; the public DHT by default. */
  readonly network?: NodeOptions;
  /** Where sessions are kept; without it they end with the process. */
  readonly dataDir?: string;
}

export interface ConnectedDemec extends Demec {
  /** Leaves the network and closes the journal. Sessions stay open on chain: close their services first. */
  close(): Promise<void>;
}

/** A buyer's client for Node: viem over HTTP, hyperdht, and a journal on disk when `dataDir` is given. */
export async function connect({
  account,
  rpcUrl,
  deployment,
  network = {},
  dataDir,
}: ConnectOptions): Promise<ConnectedDemec> {
  const transport = http(rpcUrl);
  const journal: Journal =
    dataDir === undefined ? new MemoryJournal() : await LevelJournal.open(join(dataDir, "journal"));
  const node = await Node.create(network);
  const demec = createDemec({
    client: createPublicClient({ transport }),
    wallet: createWalletClient({ transport, account }),
    deployment,
    network: node,
    journal,
    vault: dataDir === undefined ? new MemoryVault() : new FileVault(join(dataDir, "session-keys")),
  });
  return {
    ...demec,
    async close() {
      await node.close();
      await journal.close();
    },
  };
}
