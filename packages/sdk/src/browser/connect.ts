import type { Deployment, WriteClient } from "@demec/chain";
import type { LightClientOptions } from "@demec/chain/light";
import type { Guide } from "@demec/network/browser";
import type { Hex } from "@demec/protocol";
import { IndexedDbJournal, IndexedDbVault, takeOwnership, type WhenOwned } from "@demec/session/browser";
import { type Account, createPublicClient, fallback, http } from "viem";
import { type ConnectedDemec, connected } from "../connected.ts";
import { createDemec } from "../demec.ts";
import { LazyContent } from "../lazyContent.ts";
import { LazyNetwork } from "../lazyNetwork.ts";
import { onWake } from "./wakes.ts";
import { type InjectedWallet, walletOf } from "./wallet.ts";

/** Calls under way when another tab asks for the sessions have so long to be answered; milliseconds. */
const DRAIN_MS = 10_000;

export interface ConnectOptions {
  /**
   * The buyer's: an injected wallet (EIP-1193), a viem `WalletClient` with an account, `fromSigner` of
   * `@demec/chain/ethers`, or an account that signs here.
   */
  readonly wallet: WriteClient | Account | InjectedWallet;
  /** JSON-RPC endpoints of the deployment's chain; the next one stands in for one that fails. */
  readonly rpcUrls: readonly string[];
  readonly deployment: Deployment;
  /** Nodes by which providers are found, and reached where no other way leads. Without any a page buys and sells only. */
  readonly guides?: readonly Guide[] | undefined;
  /** Sets what is kept apart from what else this origin keeps; "demec" by default. */
  readonly store?: string | undefined;
  /** What to do where another tab or worker has this wallet's sessions: see `WhenOwned`. By default they are asked for. */
  readonly whenOwned?: WhenOwned | undefined;
  /** Ends the waiting for them. */
  readonly signal?: AbortSignal | undefined;
  /** Node keys of watchtowers that look after sessions while this buyer is away. */
  readonly watchtowers?: readonly Hex[] | undefined;
  /** Endpoints that must agree: what the chain is said to hold is proved against their blocks before money depends on it. */
  readonly light?: Omit<LightClientOptions, "deployment"> | undefined;
}

/** A client for one tab or worker. */
export interface PageDemec extends ConnectedDemec {
  /**
   * Resolves when this client is over: it was closed; or another tab or worker asked for its sessions and has them now.
   * Calls have failed with `sdk/session-released` since it was asked. `connect` asks for them back.
   */
  readonly ended: Promise<"closed" | "handedOver">;
}

/**
 * A buyer's client for pages and workers: journal and session keys in IndexedDB, owned by one tab or worker of the origin
 * at a time.
 * @throws sdk/no-wallet; session/journal-locked where another tab does not let go, session/insecure-page,
 * session/journal-failed
 */
export async function connect(options: ConnectOptions): Promise<PageDemec> {
  const { deployment, guides = [], store = "demec", watchtowers, whenOwned, signal } = options;
  const light =
    options.light && (await import("@demec/chain/light")).createLightClient({ ...options.light, deployment });
  const transport = fallback(options.rpcUrls.map((url) => http(url)));
  const wallet = await walletOf(options.wallet, transport);
  const { chainId, escrow } = deployment;
  const name = [store, chainId, escrow, wallet.account.address].join("/").toLowerCase();
  const ownership = await takeOwnership(name, { whenOwned, signal });
  try {
    const [journal, vault] = await Promise.all([
      IndexedDbJournal.open(`${name}/journal`),
      IndexedDbVault.open(`${name}/keys`),
    ]);
    const client = createPublicClient({ transport });
    // Loaded when it is needed: a page may have come to look, or to buy.
    const network = new LazyNetwork(async () =>
      (await import("@demec/network/browser")).BrowserNode.create({ guides }),
    );
    const content = new LazyContent(async () => {
      const { openMemoryContent } = await import("@demec/network/browser");
      return { store: await openMemoryContent({ node: await network.join() }), close: async () => {} };
    });
    const demec = createDemec({ client, wallet, deployment, network, journal, content, vault, watchtowers, light });
    const stopWaking = onWake(() => demec.wake());
    const ended = Promise.withResolvers<"closed" | "handedOver">();
    let why: "closed" | "handedOver" = "closed";
    const { client: page, end } = connected(demec, async () => {
      try {
        stopWaking();
        await network.close();
        await Promise.all([journal.close(), vault.close()]);
      } finally {
        ownership.release();
        ended.resolve(why);
      }
    });
    void ownership.asked.then(() => {
      why = "handedOver";
      // It lets go whatever fails.
      return end(DRAIN_MS).catch(() => undefined);
    });
    return { ...page, ended: ended.promise };
  } catch (error) {
    ownership.release();
    throw error;
  }
}
