import type { Server } from "node:http";
import { join } from "node:path";
import { assertChain } from "@demec/chain";
import { DemecError } from "@demec/protocol";
import { bindServer, closeServer, finding, LevelAccessStore, serveOperations } from "@demec/provider/operations";
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { makeApp } from "./app.ts";
import { Books } from "./books.ts";
import { CallDesk } from "./calls.ts";
import { Endpoint } from "./endpoint.ts";
import { type GatewayMetrics, gatewayMetrics } from "./metrics.ts";
import { DEFAULT_LIMITS, type GatewayLimits, type GatewayOptions } from "./options.ts";
import { Exposure } from "./x402/exposure.ts";
import { makeResourceServer } from "./x402/facilitator.ts";
import { PaymentJournal } from "./x402/journal.ts";

/** How long a client may take for a request's head, and for the whole of it; milliseconds. */
const HEADERS_MS = 10_000;
const REQUEST_MS = 60_000;
/** Payments of x402 are headers of some 2 KB. */
const MAX_HEADER_BYTES = 32 << 10;
/** How often results that nobody has fetched are looked for; milliseconds. */
const SWEEP_MS = 3_600_000;

export interface RunningGateway {
  /** `http://host:port` */
  readonly url: string;
  /** Of metrics and health; null: nowhere. */
  readonly metricsUrl: string | null;
  /** Takes no more calls. @returns how many were still under way after this time */
  drain(timeoutMs: number): Promise<number>;
  /** Ends it at once. Services and their sessions stay the caller's. */
  close(): Promise<void>;
}

/**
 * Serves services over HTTP until it is closed.
 * @throws gateway/bad-address, session/journal-failed, gateway/unpayable-token, provider/bad-metrics-address, chain/rpc
 */
export async function startGateway(options: GatewayOptions): Promise<RunningGateway> {
  const { dataDir, host = "127.0.0.1", port = 0, logger } = options;
  const limits: GatewayLimits = { ...DEFAULT_LIMITS, ...options.limits };
  const { client, deployment } = options.demec.options;
  const closers: (() => Promise<unknown>)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const journal = await PaymentJournal.open(join(dataDir, "payments"));
    closers.push(() => journal.close());
    const access = await LevelAccessStore.open(join(dataDir, "access"));
    closers.push(() => access.close());
    const books = await Books.open(join(dataDir, "books"));
    closers.push(() => books.close());
    const sweeping = setInterval(() => void journal.sweep().catch(() => undefined), SWEEP_MS);
    closers.push(async () => clearInterval(sweeping));

    // What clients sign names the address, so it is known before anything is served.
    let app: ReturnType<typeof makeApp> | null = null;
    const http = createAdaptorServer({
      fetch: (request, env) => app?.fetch(request, env as HttpBindings) ?? new Response(null, { status: 503 }),
      serverOptions: { headersTimeout: HEADERS_MS, requestTimeout: REQUEST_MS, maxHeaderSize: MAX_HEADER_BYTES },
    }) as Server;
    http.maxConnections = limits.connections;
    const address = await bindServer(http, { host, port }).catch((cause) => {
      throw new DemecError("gateway/bad-address", `Nothing can be served on ${host}:${port}.`, {
        cause,
        details: { host, port },
      });
    });
    closers.push(() => closeServer(http));
    const shared = {
      ...{ journal, access, books, exposure: new Exposure(), server: await makeResourceServer(options.demec.options) },
      ...{ domain: options.domain ?? address, deadlineMs: limits.deadlineMs },
    };
    const endpoints = await Promise.all(options.endpoints.map((one) => Endpoint.open(one, options, shared)));
    const metrics: GatewayMetrics = gatewayMetrics(endpoints, () => desk.running);
    const desk = new CallDesk(limits, (endpoint, { credits }) => metrics.credits(endpoint, credits));
    app = makeApp({ endpoints, desk, metrics, limits, origins: options.origins ?? [], logger });

    const health = async () => ({
      serving: desk.draining ? { ok: false, detail: "takes no new calls" } : { ok: true, detail: "takes calls" },
      chain: await finding(async () => {
        await assertChain(client, deployment);
        return `chain ${deployment.chainId} answers`;
      }),
    });
    const operations =
      options.metrics && (await serveOperations(options.metrics, { registry: metrics.registry, health }));
    if (operations) closers.push(() => operations.close());
    return {
      url: `http://${address}`,
      metricsUrl: operations?.url ?? null,
      drain: (timeoutMs) => desk.drain(timeoutMs),
      close,
    };
  } catch (error) {
    await close().catch(() => undefined);
    throw error;
  }
}
