import { DemecError } from "@demec/protocol";
import type { Transport } from "viem";
import type { InjectedWallet } from "../browser/wallet.ts";
import type { WindowClient, WorkerScope } from "./scope.ts";
import type { Settings } from "./settings.ts";
import { WALLET_METHODS, type WalletReply, type WalletRequest } from "./walletMessages.ts";

/** A page without a wallet says nothing. */
const TAKEN_MS = 1_000;
/** EIP-1193: the wallet can't be reached. */
const DISCONNECTED = 4900;

/**
 * The visitor's wallet, as a worker has it: pages have wallets, workers don't. A page is asked to sign or send; the nodes of
 * the chain for all else. The account is remembered, so that a worker can go on in sessions when no page is open.
 */
export function pageWallet(scope: WorkerScope, transport: Transport, settings: Settings): InjectedWallet {
  const nodes = transport({});
  return {
    async request({ method, params }: { method: string; params?: unknown }) {
      if (!WALLET_METHODS.has(method)) return nodes.request({ method, params } as never);
      if (method !== "eth_requestAccounts") return askPages(scope, { demec: "wallet", method, params });
      const known = await settings.get("account");
      if (known !== null) return [known];
      const accounts = (await askPages(scope, { demec: "wallet", method })) as readonly string[];
      if (accounts[0] !== undefined) await settings.set("account", accounts[0]);
      return accounts;
    },
  };
}

/** Asks pages, those that are looked at first, until one has a wallet. @throws an error of EIP-1193 */
async function askPages(scope: WorkerScope, request: WalletRequest): Promise<unknown> {
  const pages = await scope.clients.matchAll({ type: "window", includeUncontrolled: true });
  const isHidden = ({ visibilityState }: WindowClient) => (visibilityState === "visible" ? 0 : 1);
  for (const page of [...pages].sort((left, right) => isHidden(left) - isHidden(right))) {
    const reply = await askPage(page, request);
    if (reply?.type === "result") return reply.result;
    if (reply?.type === "failed") throw Object.assign(new Error(reply.message), { code: reply.code });
  }
  const cause = new DemecError("sdk/no-page", `No page of this site can be asked for ${request.method}.`);
  throw Object.assign(new Error(cause.message, { cause }), { code: DISCONNECTED });
}

/** @returns null where the page has no wallet */
function askPage(page: WindowClient, request: WalletRequest): Promise<WalletReply | null> {
  const { promise, resolve } = Promise.withResolvers<WalletReply | null>();
  const { port1: port, port2: theirs } = new MessageChannel();
  const timer = setTimeout(() => resolve(null), TAKEN_MS);
  port.onmessage = ({ data }: MessageEvent<WalletReply>) => {
    // From now on the visitor decides how long it takes.
    clearTimeout(timer);
    if (data.type !== "taken") resolve(data);
  };
  page.postMessage(request, [theirs]);
  return promise.finally(() => port.close());
}
