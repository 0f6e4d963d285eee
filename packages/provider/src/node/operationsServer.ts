import { createServer, type RequestListener } from "node:http";
import { DemecError } from "@demec/protocol";
import type { Registry } from "prom-client";
import type { Finding } from "./health.ts";
import { bindServer, closeServer } from "./httpServer.ts";

export interface OperationsAddress {
  /** 127.0.0.1 keeps it on this machine: nothing here asks who is asking. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
}

export interface OperationsServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * What an operator's tools ask for, over HTTP: `/metrics` for Prometheus, `/metrics.json` the same as JSON, `/livez` (this
 * process answers) and `/readyz` (every part is well; 503 and which one otherwise).
 * @throws provider/bad-metrics-address when the address can't be bound
 */
export async function serveOperations(
  { host, port }: OperationsAddress,
  {
    registry,
    health,
  }: { readonly registry: Registry; readonly health: () => Promise<Readonly<Record<string, Finding>>> },
): Promise<OperationsServer> {
  const answer = async (path: string): Promise<{ status: number; type: string; body: string }> => {
    switch (path) {
      case "/metrics":
        return { status: 200, type: registry.contentType, body: await registry.metrics() };
      case "/metrics.json":
        return json(200, await registry.getMetricsAsJSON());
      case "/livez":
        return json(200, { ok: true });
      case "/readyz": {
        const parts = await health();
        const ok = Object.values(parts).every((part) => part.ok);
        return json(ok ? 200 : 503, { ok, parts });
      }
      default:
        return json(404, { paths: ["/metrics", "/metrics.json", "/livez", "/readyz"] });
    }
  };
  const listener: RequestListener = async (request, response) => {
    if (request.method !== "GET" && request.method !== "HEAD") {
      response.writeHead(405, { allow: "GET, HEAD" }).end();
      return;
    }
    try {
      const { status, type, body } = await answer(request.url?.split("?")[0] ?? "/");
      response.writeHead(status, { "content-type": type }).end(request.method === "HEAD" ? undefined : body);
    } catch (error) {
      response.writeHead(500, { "content-type": "text/plain" }).end(String(error));
    }
  };
  const server = createServer({ requestTimeout: 5_000, maxHeaderSize: 4_096 }, listener);
  server.maxConnections = 64;
  const address = await bindServer(server, { host, port }).catch((cause) => {
    throw new DemecError("provider/bad-metrics-address", `Metrics can't be served on ${host}:${port}.`, {
      cause,
      details: { host, port },
    });
  });
  return { url: `http://${address}`, close: () => closeServer(server) };
}

function json(status: number, value: unknown) {
  return { status, type: "application/json", body: JSON.stringify(value) };
}
