import type { InjectedWallet } from "../browser/wallet.ts";
import { isWalletRequest, type WalletReply } from "./walletMessages.ts";

export interface RegisterDemecOptions {
  /** The worker's script, which calls `answerFetches`. It lies at the top of what it is to answer for. */
  readonly script: string | URL;
  /** The visitor's wallet (EIP-1193): the worker buys and opens sessions with it, as its user allows. */
  readonly wallet?: InjectedWallet | undefined;
  /** A module by default, as bundlers make them; "classic" for a script. */
  readonly type?: WorkerType | undefined;
}

/**
 * In a page: registers the worker, and lets it ask the wallet for as long as the page is open. Resolves when this page's fetches
 * are answered.
 * @throws what `navigator.serviceWorker.register` throws
 */
export async function registerDemec({
  script,
  wallet,
  type = "module",
}: RegisterDemecOptions): Promise<ServiceWorkerRegistration> {
  const { serviceWorker } = navigator;
  if (wallet !== undefined) serviceWorker.addEventListener("message", (event) => answerWith(wallet, event));
  // Messages wait until a page that adds listeners this way asks for them.
  serviceWorker.startMessages();
  const registration = await serviceWorker.register(script, { type });
  if (serviceWorker.controller === null) {
    await new Promise((resolve) => serviceWorker.addEventListener("controllerchange", resolve, { once: true }));
  }
  return registration;
}

function answerWith(wallet: InjectedWallet, { data, ports: [port] }: MessageEvent): void {
  if (port === undefined || !isWalletRequest(data)) return;
  const say = (reply: WalletReply) => port.postMessage(reply);
  say({ type: "taken" });
  const { method, params } = data;
  wallet.request({ method, params }).then(
    (result: unknown) => say({ type: "result", result }),
    ({ code, message }: { code?: unknown; message?: unknown }) =>
      say({ type: "failed", code: typeof code === "number" ? code : -32603, message: String(message) }),
  );
}
