/** A node that helps pages find and reach providers. */
export interface GuideSettings {
  /** `wss://…`, or `ws://…` on loopback. */
  readonly url: string;
  /** Its node key. */
  readonly publicKey: `0x${string}`;
}

/** What `demec-console.json` beside the console's page says. */
export interface ConsoleSettings {
  readonly chainId: number;
  /** Name of the chain for people. */
  readonly chainName?: string;
  /** JSON-RPC endpoints; the first is the one that is used. */
  readonly rpcUrls: readonly string[];
  /** As `formatDeployment` of `@demec/chain` writes it. */
  readonly deployment: Readonly<Record<string, unknown>>;
  readonly guides: readonly GuideSettings[];
  /** Accounts that the chain's own node signs for: offered as test wallets. On development chains only. */
  readonly devAccounts?: readonly `0x${string}`[];
  /** Turns on WalletConnect. */
  readonly walletConnectProjectId?: string;
}

/** Name of the file, beside the page. */
export const SETTINGS_FILE = "demec-console.json";
