// A provider in a tab.
import type { Deployment } from "@demec/chain";
import type { Guide } from "@demec/network";
import { BrowserNode } from "@demec/network/browser";
import { type Hex, isDemecError } from "@demec/protocol";
import { startTab, type Tab, type TabStatus } from "@demec/provider/browser";
import { createWalletClient, http } from "viem";
import { privateKeyToAccount } from "viem/accounts";

export interface Setting {
  readonly ownerPrivateKey: Hex;
  readonly rpcUrl: string;
  readonly deployment: Deployment;
  readonly guides: readonly Guide[];
  readonly serviceIds: readonly bigint[];
  readonly module: Uint8Array;
  readonly stake: bigint;
}

let tab: Tab | undefined;
let hasEnded = false;

/** @returns the keys it provides under, or the code of what went wrong */
export async function start(setting: Setting): Promise<Pick<Tab, "operator" | "nodeKey"> | string> {
  const { ownerPrivateKey, rpcUrl, guides, module, ...rest } = setting;
  const account = privateKeyToAccount(ownerPrivateKey);
  try {
    tab = await startTab({
      ...rest,
      rpcUrls: [rpcUrl],
      ownerWallet: createWalletClient({ account, transport: http(rpcUrl) }),
      network: (seed) => BrowserNode.create({ guides, seed }),
      modules: async () => module,
      regions: ["eu-de-fra"],
      operatorGas: 10n ** 18n,
      policy: { reviewMs: 200 },
    });
    hasEnded = false;
    void tab.ended.then(() => {
      hasEnded = true;
    });
    const { operator, nodeKey } = tab;
    return { operator, nodeKey };
  } catch (error) {
    if (!isDemecError(error)) throw error;
    return error.code;
  }
}

export const status = (): TabStatus => tab!.status();
export const isOver = (): boolean => hasEnded;
export const stop = (): Promise<void> => tab!.stop();
