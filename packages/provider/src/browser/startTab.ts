import { type Deployment, getServiceMetadata, type ReadClient, type WriteClient } from "@demec/chain";
import { type Address, DemecError, type Hex } from "@demec/protocol";
import { IndexedDbJournal, IndexedDbVault, takeOwnership, type WhenOwned } from "@demec/session/browser";
import { WorkerExecutor, type WorkerExecutorOptions, type WorkerExecutorStatus } from "@demec/wasm/browser";
import { createPublicClient, createWalletClient, fallback, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";
import { getBalance, sendTransaction, waitForTransactionReceipt } from "viem/actions";
import { closeAll } from "../closeAll.ts";
import type { Logger } from "../logger.ts";
import type { ProviderPolicy } from "../policy.ts";
import { Provider, type ProviderOptions, type ProviderStatus } from "../provider.ts";
import { enrolIfMissing, setUpProvider } from "../setUp.ts";
import { type ModuleSource, ModuleStore } from "./moduleStore.ts";
import { tabKeys } from "./tabKeys.ts";
import { TAB_POLICY } from "./tabPolicy.ts";

/** How a tab is reached; `BrowserNode` of `@demec/network/browser` is one. */
export interface TabNetwork {
  readonly publicKey: Hex;
  listen: ProviderOptions["node"]["listen"];
  announce(topic: Uint8Array): Promise<void>;
  unannounce(topic: Uint8Array): Promise<void>;
  publishAdvert(advert: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

export interface TabOptions {
  /** JSON-RPC endpoints of the deployment's chain; the next one stands in for one that fails. */
  readonly rpcUrls: readonly string[];
  readonly deployment: Deployment;
  /** Of the staked account. It is asked for what is missing on chain: stake, keys, regions, enrolment, the operator's gas. */
  readonly ownerWallet: WriteClient;
  /** Makes this tab's way to others, under the node key of a seed of 32 bytes. It is closed with the tab. */
  readonly network: (seed: Uint8Array) => Promise<TabNetwork>;
  /** Where the services' modules are had; what comes is checked against the hash on chain. */
  readonly modules: ModuleSource;
  readonly serviceIds: readonly bigint[];
  readonly regions: readonly string[];
  /** Stake to reach; stake-token base units. */
  readonly stake: bigint;
  /** What the owner brings the operator's balance up to before it begins: it pays the gas of settling; wei. */
  readonly operatorGas: bigint;
  readonly policy?: Partial<ProviderPolicy> | undefined;
  readonly executor?: WorkerExecutorOptions | undefined;
  /** Sets what is kept apart from what else this origin keeps; "demec" by default. */
  readonly store?: string | undefined;
  /** What to do where another tab provides with these keys: see `WhenOwned`; "refuse" by default. */
  readonly whenOwned?: WhenOwned | undefined;
  readonly logger?: Logger | undefined;
}

export interface TabStatus extends ProviderStatus {
  readonly executor: WorkerExecutorStatus;
}

export interface Tab {
  readonly owner: Address;
  readonly operator: Address;
  readonly nodeKey: Hex;
  /** Resolves when it provides no more: it was stopped, its page goes away, or another tab has asked for the keys. */
  readonly ended: Promise<void>;
  status(): TabStatus;
  /** Enrols in a service where that is missing, and takes it up while running. @throws like `startTab` for its services */
  serve(serviceId: bigint): Promise<void>;
  /**
   * Takes nothing new, lets running calls end and be signed for; `stop` afterwards.
   * @returns sessions that were not so far after `timeoutMs`
   */
  drain(timeoutMs: number): Promise<number>;
  /** Stops serving, and makes durable what was signed. Open sessions go on at the next start. */
  stop(): Promise<void>;
}

const SILENT: Logger = { debug() {}, info() {}, warn() {}, error() {} };
/** Calls under way when another tab asks for the keys have so long to be answered; milliseconds. */
const DRAIN_MS = 10_000;

/**
 * A whole provider in a tab, or in a dedicated worker: runs functions in workers and is paid for it. Its keys and its journal
 * are in IndexedDB, used by one tab of the origin at a time.
 * @throws provider/no-browsers for a service whose publisher does not allow it; session/journal-locked where another tab
 * provides; session/… where the browser keeps nothing; network/…, provider/…, chain/… and wasm/… as a provider in Node does
 */
export async function startTab(options: TabOptions): Promise<Tab> {
  const { deployment, ownerWallet, serviceIds, logger = SILENT, store = "demec" } = options;
  const owner = ownerWallet.account.address;
  const name = `${store}/provider/${deployment.chainId}/${deployment.staking}/${owner}`.toLowerCase();
  const closers: (() => unknown)[] = [];
  const ended = Promise.withResolvers<void>();
  let stopping: Promise<void> | undefined;
  const stop = () => {
    stopping ??= closeAll(closers).finally(ended.resolve);
    return stopping;
  };
  // Where nobody waits for it.
  const stopUnasked = () => void stop().catch((error) => logger.error({ error }, "not everything of the tab closed"));
  const ownership = await takeOwnership(name, { whenOwned: options.whenOwned ?? "refuse" });
  closers.push(() => ownership.release());
  try {
    const transport = fallback(options.rpcUrls.map((url) => http(url)));
    const client = createPublicClient({ transport });
    for (const serviceId of serviceIds) await assertAllowed(client, deployment, serviceId);
    const vault = await IndexedDbVault.open(`${name}/keys`);
    closers.push(() => vault.close());
    const { operatorPrivateKey, seed } = await tabKeys(vault);
    const journal = await IndexedDbJournal.open(`${name}/journal`);
    closers.push(() => journal.close());
    const node = await options.network(seed);
    closers.push(() => node.close());
    const executor = new WorkerExecutor(options.executor);
    closers.push(() => executor.close());

    const account = privateKeyToAccount(operatorPrivateKey);
    const { keysHoldFrom } = await setUpProvider({ ...options, client, operatorPrivateKey, nodeKey: node.publicKey });
    if (keysHoldFrom !== 0n) {
      logger.warn({ keysHoldFrom, nodeKey: node.publicKey }, "buyers know this provider by former keys still");
    }
    await topUp(client, ownerWallet, { account: account.address, least: options.operatorGas });
    const provider = await Provider.start({
      ...{ client, deployment, owner, operatorPrivateKey, node, executor, journal, serviceIds, logger },
      wallet: createWalletClient({ transport, account }),
      content: new ModuleStore(options.modules),
      policy: { ...TAB_POLICY, ...options.policy },
      inBrowser: true,
      gates: new Map(),
      opener: null,
    });
    closers.push(() => provider.stop());
    // The page has no time left to wait: what is durable is, and buyers hear at once that it goes.
    globalThis.addEventListener("pagehide", stopUnasked);
    closers.push(() => globalThis.removeEventListener("pagehide", stopUnasked));
    void ownership.asked.then(() => provider.drain(DRAIN_MS)).then(stopUnasked, stopUnasked);
    return {
      owner,
      operator: account.address,
      nodeKey: node.publicKey,
      ended: ended.promise,
      status: () => ({ ...provider.status(), executor: executor.status() }),
      async serve(serviceId) {
        await assertAllowed(client, deployment, serviceId);
        await enrolIfMissing({ client, ownerWallet, deployment }, serviceId);
        await provider.serve(serviceId);
      },
      drain: (timeoutMs) => provider.drain(timeoutMs),
      stop,
    };
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
}

/** @throws provider/no-browsers */
async function assertAllowed(client: ReadClient, deployment: Deployment, serviceId: bigint): Promise<void> {
  const { browserProviders } = await getServiceMetadata(client, deployment, serviceId);
  if (browserProviders) return;
  throw new DemecError("provider/no-browsers", `The publisher of service ${serviceId} lets no browser provide it.`, {
    details: { serviceId },
  });
}

/** Sends coin from the owner where the operator has less than it should have. */
async function topUp(
  client: ReadClient,
  ownerWallet: WriteClient,
  { account, least }: { readonly account: Address; readonly least: bigint },
): Promise<void> {
  const missing = least - (await getBalance(client, { address: account }));
  if (missing <= 0n) return;
  const { account: from, chain } = ownerWallet;
  const hash = await sendTransaction(ownerWallet, { account: from, chain: chain ?? null, to: account, value: missing });
  await waitForTransactionReceipt(client, { hash });
}
