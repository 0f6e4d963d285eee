import type { WriteClient } from "@demec/chain";
import { DemecError } from "@demec/protocol";
import { type Account, createWalletClient, custom, type Transport } from "viem";
import { requestAddresses } from "viem/actions";

/** A wallet as browsers have it (EIP-1193), such as `window.ethereum` or what EIP-6963 announces. */
export type InjectedWallet = Parameters<typeof custom>[0];

/**
 * A client that signs for the visitor. An injected wallet is asked for its account, as its user allows.
 * @param transport reaches the chain for an account that signs here
 * @throws sdk/no-wallet when the wallet gives no account
 */
export async function walletOf(
  wallet: WriteClient | Account | InjectedWallet,
  transport: Transport,
): Promise<WriteClient> {
  if ("transport" in wallet) return wallet;
  if ("address" in wallet) return createWalletClient({ account: wallet, transport });
  const injected = custom(wallet);
  const [account] = await requestAddresses(createWalletClient({ transport: injected }));
  if (account === undefined) throw new DemecError("sdk/no-wallet", "The wallet gave no account.");
  return createWalletClient({ account, transport: injected });
}
