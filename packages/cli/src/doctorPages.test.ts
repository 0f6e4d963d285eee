import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Node, type NodeOptions, nodeSeed, startLocalDht } from "@demec/network";
import { checkPages, keptProviders } from "./doctorPages.ts";

const HOST = "127.0.0.1";
const DOOR = { host: HOST, port: 0 };

test("the doctor tells whether pages reach the provider that is kept here, and what to do where they don't", async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), "demec-pages-"));
  const dht = await startLocalDht();
  t.after(async () => {
    await dht.close();
    rmSync(dataDir, { recursive: true });
  });
  const network: NodeOptions = { bootstrap: dht.bootstrap, host: HOST };
  assert.deepEqual(keptProviders(dataDir), []);

  const seed = await nodeSeed(join(dataDir, "provider/0xabc"));
  /** What the doctor finds while the provider listens so. */
  const found = async (options: NodeOptions) => {
    const provider = await Node.create({ ...network, seed, ...options });
    try {
      await provider.listen({ onConnection: () => {} });
      return {
        ...(await checkPages(keptProviders(dataDir), network)),
        key: provider.publicKey,
        url: provider.addresses[0],
      };
    } finally {
      await provider.close();
    }
  };
  const { ok, detail, cure, key } = await found({});
  assert.deepEqual([ok, detail], [true, `pages reach ${key} through guides`]);
  assert.match(cure!, /--web-socket/);
  const open = await found({ webSocket: DOOR });
  assert.deepEqual([open.ok, open.detail], [true, `pages reach ${key} at ${open.url}`]);
  const astray = await found({ webSocket: { ...DOOR, publicAddress: "ws://127.0.0.1:9/" } });
  assert.deepEqual(
    [astray.ok, astray.detail],
    [false, `pages reach not ${key}, which says it is at ws://127.0.0.1:9/`],
  );
});
