// An HTTP server on loopback that answers JSON with JSON.
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { json } from "node:stream/consumers";

export interface JsonRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  // biome-ignore lint/suspicious/noExplicitAny: what came is for the server to look into.
  readonly body: any;
}

export interface JsonAnswer {
  readonly status?: number;
  readonly body: unknown;
}

export interface JsonServer {
  readonly port: number;
  readonly url: string;
  stop(): Promise<void>;
}

export async function serveJson(answer: (request: JsonRequest) => Promise<JsonAnswer>): Promise<JsonServer> {
  const server = createServer(async (request, response) => {
    const { status = 200, body } = await json(request)
      .then((body) => answer({ path: request.url ?? "", headers: request.headers, body }))
      .catch((error): JsonAnswer => ({ status: 500, body: { message: String(error) } }));
    response.writeHead(status, { "Content-Type": "application/json" });
    response.end(JSON.stringify(body));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port, url: `http://127.0.0.1:${port}`, stop };
}
