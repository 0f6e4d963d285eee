import { join } from "node:path";
import type { Deployment, WriteClient } from "@demec/chain";
import type { LightClientOptions } from "@demec/chain/light";
import type { NodeOptions } from "@demec/network";
import type { Hex } from "@demec/protocol";
import { type Journal, MemoryJournal } from "@demec/session";
import { LevelJournal } from "@demec/session/node";
import { type Account, createPublicClient, createWalletClient, http } from "viem";
import { type ConnectedDemec, connected } from "../connected.ts";
import { createDemec } from "../demec.ts";
import { LazyContent } from "../lazyContent.ts";
import { LazyNetwork } from "../lazyNetwork.ts";
import { MemoryVault } from "../sessionVault.ts";
import { demecHome } from "./devNetwork.ts";
import { settingsFrom } from "./environment.ts";
import { FileVault } from "./fileVault.ts";
import { openContent } from "./openContent.ts";
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

/**
 * A buyer's client for Node: viem over HTTP, hyperdht, and a journal on disk when there is a data folder. It knows a service
 * by its number in this market too, and by the short name that `demec deploy` gave it here.
 * @param options what is left out comes from the environment, see `settingsFrom`
 * @throws sdk/bad-setting naming what is missing, chain/bad-deployment, light/bad-options, session/journal-locked
 */
export async function connect(options: Partial<ConnectOptions> = {}): Promise<ConnectedDemec> {
  const settings = settingsFrom(process.env, options);
  const { account, rpcUrl, deployment, network = {}, dataDir, watchtowers } = settings;
  const transport = http(rpcUrl);
  // Before anything is opened that a bad option would leave locked.
  const light =
    settings.light && (await import("@demec/chain/light")).createLightClient({ ...settings.light, deployment });
  const journal: Journal =
    dataDir === undefined ? new MemoryJournal() : await LevelJournal.open(join(dataDir, "journal"));
  // Loaded when it is needed, too: it is the largest part of what a command would load.
  const node = new LazyNetwork(async () => (await import("@demec/network")).Node.create(network));
  const content = new LazyContent(() => openContent(dataDir && join(dataDir, "content"), () => node.join()));
  const demec = createDemec({
    client: createPublicClient({ transport }),
    wallet: "transport" in account ? account : createWalletClient({ transport, account }),
    deployment,
    network: node,
    journal,
    content,
    vault: dataDir === undefined ? new MemoryVault() : new FileVault(join(dataDir, "session-keys")),
    watchtowers,
    light,
  });
  const { client } = connected(demec, async () => {
    await node.close();
    await content.close();
    await journal.close();
  });
  return {
    ...client,
    async service(name, serviceOptions) {
      return demec.service(resolveServiceName(demecHome(process.env), deployment, name), serviceOptions);
    },
  };
}
