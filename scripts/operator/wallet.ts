import type { WriteClient } from "@demec/chain";
import { createWalletClient, custom, isAddressEqual } from "viem";
import type { Connection } from "../deployDemec.ts";

/** A client of one of the connection's accounts: the first, or the one with the address `from`. */
export async function walletOf({ viem, provider }: Connection, from?: string): Promise<WriteClient> {
  const wallets = await viem.getWalletClients();
  const wallet =
    from === undefined
      ? wallets[0]
      : wallets.find(({ account }) => isAddressEqual(account.address, from as `0x${string}`));
  if (wallet === undefined) throw new Error(`The connection has no account ${from ?? "at all"}.`);
  return createWalletClient({ account: wallet.account, chain: wallet.chain, transport: custom(provider) });
}
