import type { Deployment } from "@demec/chain";
import type { Address, Hex } from "@demec/protocol";
import { bytesToHex, createPublicClient, createWalletClient, erc20Abi, http, parseAbi } from "viem";
import { mnemonicToAccount, privateKeyToAccount } from "viem/accounts";
import { waitForTransactionReceipt, writeContract } from "viem/actions";

/** The published development mnemonic: its accounts are rich on a development chain and nowhere else. */
const MNEMONIC = "test test test test test test test test test test test junk";
const MINT = parseAbi(["function mint(address to, uint256 amount)"]);

/** Private key of development account `index`; 0 deployed the contracts and holds the stake tokens. */
export function devKey(index: number): Hex {
  return bytesToHex(mnemonicToAccount(MNEMONIC, { addressIndex: index }).getHdKey().privateKey!);
}

/** A development chain with the contracts and test money. */
interface DevMoney {
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  /** Test money with 6 decimals that anyone may mint. */
  readonly mockUsd: Address;
}

/** Gives an account stake tokens and test money, in base units. */
export async function fund(
  { rpcUrl, deployment, mockUsd }: DevMoney,
  account: Address,
  { demec = 0n, usd = 0n }: { readonly demec?: bigint; readonly usd?: bigint },
): Promise<void> {
  const transport = http(rpcUrl);
  const client = createPublicClient({ transport });
  const bank = createWalletClient({ transport, account: privateKeyToAccount(devKey(0)) });
  const confirm = (hash: Hex) => waitForTransactionReceipt(client, { hash, pollingInterval: 50 });
  const give = { chain: null, abi: [...erc20Abi, ...MINT] } as const;
  if (demec > 0n) {
    const address = deployment.demecToken;
    await confirm(await writeContract(bank, { ...give, address, functionName: "transfer", args: [account, demec] }));
  }
  if (usd > 0n) {
    await confirm(await writeContract(bank, { ...give, address: mockUsd, functionName: "mint", args: [account, usd] }));
  }
}
