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
  /** Its network says that it could not be closed. */
  readonly failsToClose?: boolean;
}

let tab: Tab | undefined;
let hasEnded = false;
const logged: string[] = [];
const log = (_: unknown, message?: string) => void logged.push(message ?? "");

/** @returns the keys it provides under, or the code of what went wrong */
export async function start(setting: Setting): Promise<Pick<Tab, "operator" | "nodeKey"> | string> {
  const { ownerPrivateKey, rpcUrl, guides, module, failsToClose, ...rest } = setting;
  const account = privateKeyToAccount(ownerPrivateKey);
  try {
    tab = await startTab({
      ...rest,
      rpcUrls: [rpcUrl],
      ownerWallet: createWalletClient({ account, transport: http(rpcUrl) }),
      network: async (seed) => {
        const node = await BrowserNode.create({ guides, seed });
        const close = node.close.bind(node);
        return Object.assign(node, {
          async close() {
            await close();
            if (failsToClose) throw new Error("not closed");
          },
        });
      },
      logger: { debug() {}, info() {}, warn: log, error: log },
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

/** As when its page goes away. @returns what was logged, and what failed where nobody waits for it */
export async function leavePage(): Promise<{ logged: string[]; unhandled: string[] }> {
  const unhandled: string[] = [];
  globalThis.addEventListener("unhandledrejection", ({ reason }) => unhandled.push(String(reason)));
  logged.length = 0;
  globalThis.dispatchEvent(new Event("pagehide"));
  await tab!.ended;
  // The browser tells of rejections after all that follows from them.
  await new Promise((resolve) => setTimeout(resolve, 100));
  return { logged, unhandled };
}
