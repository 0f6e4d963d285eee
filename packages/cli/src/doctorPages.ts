import { globSync } from "node:fs";
import { dirname, join } from "node:path";
import type { NodeOptions } from "@demec/network";

/** For the socket, handshake and greeting; milliseconds. */
const CALL_MS = 5_000;

/** How pages reach some providers. */
interface PageFinding {
  readonly ok: boolean;
  readonly detail: string;
  readonly cure?: string;
}

/** Folders of the providers that have run with this data folder: `provider/<owner>`, each with its node's seed. */
export function keptProviders(dataDir: string): string[] {
  return globSync("provider/*/node.seed", { cwd: dataDir }).map((seed) => join(dataDir, dirname(seed)));
}

/**
 * Calls the WebSocket that each of some providers has published, as a page would.
 * @param folders each with a node's seed
 */
export async function checkPages(folders: readonly string[], network: NodeOptions): Promise<PageFinding> {
  const { connectWebSocket, Node, nodeKeyOf, nodeSeed } = await import("@demec/network");
  const node = await Node.create(network);
  const said: string[] = [];
  let cure: string | undefined;
  let ok = true;
  try {
    for (const folder of folders) {
      const key = nodeKeyOf(await nodeSeed(folder));
      const url = (await node.addressesOf(key)).find((address) => /^wss?:/.test(address));
      if (url === undefined) {
        said.push(`${key} through guides`);
        cure ??= "For pages to call it themselves, and to be guided by it, start it with --web-socket.";
        continue;
      }
      try {
        await (await connectWebSocket(url, key, { timeoutMs: CALL_MS })).close();
        said.push(`${key} at ${url}`);
        if (url.startsWith("ws:")) cure ??= "Pages that come by TLS need wss:// behind a proxy: --web-socket-address.";
      } catch {
        ok = false;
        said.push(`not ${key}, which says it is at ${url}`);
        cure = "Check that it runs, and that its --web-socket-address leads there from outside.";
      }
    }
  } finally {
    await node.close();
  }
  return { ok, detail: `pages reach ${said.join("; ")}`, ...(cure !== undefined && { cure }) };
}
