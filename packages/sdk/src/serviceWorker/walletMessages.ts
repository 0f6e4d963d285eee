/** What a worker asks a page for: a request of EIP-1193, answered on the port that comes with it. */
export interface WalletRequest {
  readonly demec: "wallet";
  readonly method: string;
  readonly params?: unknown;
}

/** First the page says that it has a wallet, then what the wallet said. */
export type WalletReply =
  | { readonly type: "taken" }
  | { readonly type: "result"; readonly result: unknown }
  | { readonly type: "failed"; readonly code: number; readonly message: string };

/** What only a wallet can do; all else is asked of the chain's nodes. */
export const WALLET_METHODS: ReadonlySet<string> = new Set([
  "eth_requestAccounts",
  "eth_sendTransaction",
  "eth_signTypedData_v4",
  "personal_sign",
]);

export function isWalletRequest(data: unknown): data is WalletRequest {
  const { demec, method } = (data ?? {}) as Partial<WalletRequest>;
  return demec === "wallet" && WALLET_METHODS.has(String(method));
}
