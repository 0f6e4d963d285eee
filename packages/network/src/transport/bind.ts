import { once } from "node:events";
import { isIP, type Server } from "node:net";
import { DemecError } from "@demec/protocol";
import type { DoorOptions } from "./listener.ts";

const ALL_INTERFACES = new Set(["0.0.0.0", "::"]);

/**
 * Binds a server.
 * @throws network/bad-address when nobody could be told where it is
 * @throws network/unreachable when the address can't be bound
 */
export async function listening(server: Server, { host, port, publicAddress }: DoorOptions): Promise<void> {
  if (isIP(host) === 0 || (publicAddress === undefined && ALL_INTERFACES.has(host))) {
    throw new DemecError("network/bad-address", `${host} tells nobody where to connect to, and no address does.`, {
      details: { host },
    });
  }
  try {
    server.listen(port, host);
    await once(server, "listening");
  } catch (cause) {
    throw new DemecError("network/unreachable", `This machine can't bind ${host}, port ${port}.`, {
      cause,
      details: { host, port },
    });
  }
  // From here on a failure to accept costs that peer: there may be no file descriptor left for it.
  server.on("error", () => {});
}

/** Host and port of a bound server as a URL has them. */
export function authorityOf(server: Server, host: string): string {
  const { port } = server.address() as { port: number };
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}
