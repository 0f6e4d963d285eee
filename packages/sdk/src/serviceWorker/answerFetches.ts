import type { Account } from "viem";
import { fallback, http } from "viem";
import { type ConnectOptions, connect } from "../browser/connect.ts";
import type { ServiceOptions } from "../options.ts";
import { FetchDesk } from "./fetchDesk.ts";
import { pageWallet } from "./pageWallet.ts";
import type { WorkerScope } from "./scope.ts";
import { ServiceClient } from "./serviceClient.ts";
import { Settings } from "./settings.ts";

/** A service under a name in this site's addresses. */
export interface ServedService extends ServiceOptions {
  /** CAIP-19 id. */
  readonly service: string;
  /** Media type of its output; what the request accepts by default. */
  readonly outputType?: string | undefined;
}

export interface AnswerFetchesOptions extends Omit<ConnectOptions, "wallet" | "whenOwned" | "signal"> {
  /** By their names: `fetch("/demec/<name>/…")`. */
  readonly services: Readonly<Record<string, ServedService>>;
  /** What their addresses begin with; "/demec/" by default. */
  readonly prefix?: string | undefined;
  /**
   * Who pays without being asked: an account whose key is in the worker, with no more than the visitor can lose. By default
   * a page that called `registerDemec` is asked, and calls go on without one while the open session lasts.
   */
  readonly wallet?: Account | undefined;
  /** Bytes of results that are kept; 0: none. 64 MiB by default. */
  readonly cacheBytes?: number | undefined;
  /** Most that a call may take, and what it may where it names no deadline; milliseconds, 30,000 by default. */
  readonly deadlineMs?: number | undefined;
}

/**
 * In a service worker: answers what pages of the site fetch below the prefix by paid calls. To be called while the worker's
 * script is first run, as listeners have to be.
 */
export function answerFetches(options: AnswerFetchesOptions): void {
  const scope = globalThis as unknown as WorkerScope;
  const { services, prefix = "/demec/", wallet, cacheBytes = 64 << 20, deadlineMs = 30_000, ...rest } = options;
  const { store = "demec", rpcUrls } = rest;
  const clients = new ServiceClient(async () => {
    const transport = fallback(rpcUrls.map((url) => http(url)));
    return connect({ ...rest, wallet: wallet ?? pageWallet(scope, transport, new Settings(`${store}/worker`)) });
  }, services);
  const desk = new FetchDesk({ services, prefix, clients, cacheBytes, deadlineMs, store });
  scope.addEventListener("install", (event) => event.waitUntil(scope.skipWaiting()));
  scope.addEventListener("activate", (event) => event.waitUntil(scope.clients.claim()));
  scope.addEventListener("fetch", (event) => {
    const url = new URL(event.request.url);
    const named = url.origin === scope.location.origin ? desk.named(url) : null;
    if (named !== null) event.respondWith(desk.answer(event.request, named));
  });
}
