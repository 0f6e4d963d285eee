import type { WriteClient } from "@demec/chain";
import { type Address, createClient, custom, type EIP1193Parameters, type Hex } from "viem";
import type { Connector } from "wagmi";
import { describeTransaction } from "./describeTransaction.ts";
import { transactions } from "./pending.ts";

/** Requests that only the wallet can answer; the chain's endpoint answers the others. */
const OF_THE_WALLET = /^(wallet_|eth_send|eth_sign|personal_|eth_accounts|eth_requestAccounts|eth_chainId)/;
/** Of these, those that the wallet's owner confirms. */
const ASKS = /^(eth_send|eth_sign|personal_sign)/;

export interface TrackedWalletOptions {
  readonly address: Address;
  readonly connector: Connector;
  readonly chainId: number;
  /** Reads the chain. */
  readonly read: (request: { method: string; params?: unknown }) => Promise<unknown>;
  /** What the next transaction is for, in words; null: told from the transaction. */
  readonly label?: () => string | null;
  readonly onAsking?: () => void;
  /** The wallet has answered; with a hash, if it has sent something. */
  readonly onAnswered?: (hash: Hex | null) => void;
}

/** The connected wallet as viem's actions take it. Every transaction is noted as soon as it is sent. */
export function trackedWallet(options: TrackedWalletOptions): WriteClient {
  const { address, connector, chainId } = options;
  const request = async ({ method, params }: EIP1193Parameters): Promise<unknown> => {
    if (!OF_THE_WALLET.test(method)) return options.read({ method, params });
    const provider = (await connector.getProvider()) as { request(request: unknown): Promise<unknown> };
    if (ASKS.test(method)) options.onAsking?.();
    const answer = await provider.request({ method, params });
    if (method === "eth_sendTransaction") {
      const hash = answer as Hex;
      const [sent] = params as [{ data?: Hex }];
      const label = options.label?.() ?? describeTransaction(sent.data);
      transactions.add({ hash, chainId, account: address, label });
      options.onAnswered?.(hash);
    } else if (ASKS.test(method)) options.onAnswered?.(null);
    return answer;
  };
  // Without viem's own actions: they would go round the request above.
  return createClient({ account: address, transport: custom({ request }) }) as WriteClient;
}
