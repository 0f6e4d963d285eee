import { once } from "node:events";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Binds a server.
 * @param port 0: any free one
 * @returns `host:port` as URLs have it
 * @throws what the system says when it can't
 */
export async function bindServer(
  server: Server,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  server.listen(port, host);
  await once(server, "listening");
  const { port: bound } = server.address() as AddressInfo;
  return `${host.includes(":") ? `[${host}]` : host}:${bound}`;
}

/** Ends a server and all its connections at once. */
export async function closeServer(server: Server): Promise<void> {
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
