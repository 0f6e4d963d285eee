import { join } from "node:path";
import type { Deployment, WriteClient } from "@demec/chain";
import { createLightClient, type LightClientOptions } from "@demec/chain/light";
import type { NodeOptions } from "@demec/network";
import type { Hex } from "@demec/protocol";
import { type Journal, MemoryJournal } from "@demec/session";
import { LevelJournal } from "@demec/session/node";
import { type Account, createPublicClient, createWalletClient, http } from "viem";
import { createDemec, type Demec } from "../demec.ts";
import type { CloseOptions, Closing } from "../sellBack.ts";
import type { Service } from "../service.ts";
import { MemoryVault } from "../sessionVault.ts";
import { demecHome } from "./devNetwork.ts";
import { settingsFrom } from "./environment.ts";
import { FileVault } from "./fileVault.ts";
import { LazyContent } from "./lazyContent.ts";
import { LazyNode } from "./lazyNode.ts";
import { resolveServiceName } from "./serviceNames.ts";

export interface ConnectOptions {
  /**
   * Buyer's account, such as viem's `privateKeyToAccount(key)`; or a client that has one: a viem `WalletClient`, or
   * `fromSigner` of `@demec/chain/ethers`.
   */
  readonly account: Account | WriteClient;
  /** JSON-RPC endpoint of the deployment's chain. */
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  /** Entry points and address of this node in the DHT; the public DHT by default. */
  readonly network?: NodeOptions;
  /** Where sessions and content are kept; without it they end with the process. One process at a time. */
  readonly dataDir?: string | undefined;
  /** Node keys of watchtowers that look after sessions while this buyer is away. */
  readonly watchtowers?: readonly Hex[] | undefined;
  /**
   * Nodes of the chain that must agree, and prove what `rpcUrl` tells of services, providers and sessions before money
   * depends on it; without it `rpcUrl` is believed.
   */
  readonly light?: Omit<LightClientOptions, "deployment"> | undefined;
}

/** How long journals and keys of settled sessions are kept by themselves; seconds of the chain. */
const KEEP_SETTLED_SECONDS = 30 * 86_400;
/** A process that lives so long looks for what it can forget, and again as often; milliseconds. */
const PRUNE_MS = 60 * 60_000;

export interface ConnectedDemec extends Demec {
  /** A service by its CAIP-19 id, its number in this market, or the short name that `demec deploy` gave it here. */
  service: Demec["service"];
  /**
   * Lets go of all sessions and leaves the network. On chain sessions stay open: close their services first, or say
   * `sellBack`, which does so for every service that was asked for here, and gives what `leave` gives.
   */
  close(options?: CloseOptions): Promise<ReadonlyMap<Service, Closing>>;
}

/**
 * A buyer's client for Node: viem over HTTP, hyperdht, and a journal on disk when there is a data folder.
 * @param options what is left out comes from the environment, see `settingsFrom`
 * @throws sdk/bad-setting naming what is missing, chain/bad-deployment, session/journal-locked
 */
export async function connect(options: Partial<ConnectOptions> = {}): Promise<ConnectedDemec> {
  const { account, rpcUrl, deployment, network = {}, dataDir, watchtowers, light } = settingsFrom(process.env, options);
  const transport = http(rpcUrl);
  const journal: Journal =
    dataDir === undefined ? new MemoryJournal() : await LevelJournal.open(join(dataDir, "journal"));
  const node = new LazyNode(network);
  const content = new LazyContent(dataDir && join(dataDir, "content"), () => node.join());
  const demec = createDemec({
    client: createPublicClient({ transport }),
    wallet: "transport" in account ? account : createWalletClient({ transport, account }),
    deployment,
    network: node,
    journal,
    content,
    vault: dataDir === undefined ? new MemoryVault() : new FileVault(join(dataDir, "session-keys")),
    watchtowers,
    light: light && createLightClient({ ...light, deployment }),
  });
  // The chain may be away: it is tried again the next time.
  const pruning = setInterval(() => void demec.prune(KEEP_SETTLED_SECONDS).catch(() => undefined), PRUNE_MS);
  pruning.unref();
  let ended: Promise<void> | null = null;
  const end = async () => {
    clearInterval(pruning);
    await demec.release();
    await node.close();
    await content.close();
    await journal.close();
  };
  return {
    ...demec,
    async service(name, serviceOptions) {
      return demec.service(resolveServiceName(demecHome(process.env), deployment, name), serviceOptions);
    },
    async close(options) {
      try {
        return options === undefined ? new Map() : await demec.leave(options);
      } finally {
        ended ??= end();
        await ended;
      }
    },
  };
}
