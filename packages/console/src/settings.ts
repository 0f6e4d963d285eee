/** A node that helps pages find and reach providers. */
export interface GuideSettings {
  /** `wss://…`, or `ws://…` on loopback. */
  readonly url: string;
  /** Its node key. */
  readonly publicKey: `0x${string}`;
}

/** How the light client proves what endpoints say; see `createLightClient` of `@demec/chain/light`. */
export interface LightSettings {
  /** Endpoints that must agree on a block; more than half of them by default. */
  readonly quorum?: number;
  /** Blocks on top of it; 2 by default, 0 where the first endpoint is on this machine. */
  readonly depth?: number;
  /** False on a chain whose headers hash otherwise than Ethereum's. */
  readonly ethereumHeaders?: boolean;
}

/** What `demec-console.json` beside the console's page says. */
export interface ConsoleSettings {
  readonly chainId: number;
  /** Name of the chain for people. */
  readonly chainName?: string;
  /** JSON-RPC endpoints; all is read from the first. With two or more, what money depends on has to be proved. */
  readonly rpcUrls: readonly string[];
  readonly light?: LightSettings;
  /** As `formatDeployment` of `@demec/chain` writes it. */
  readonly deployment: Readonly<Record<string, unknown>>;
  readonly guides: readonly GuideSettings[];
  /** Accounts that the chain's own node signs for: offered as test wallets. On development chains only. */
  readonly devAccounts?: readonly `0x${string}`[];
  /** Turns on WalletConnect, in a build that has its provider (docs/console.md). */
  readonly walletConnectProjectId?: string;
}

/** Name of the file, beside the page. */
export const SETTINGS_FILE = "demec-console.json";
