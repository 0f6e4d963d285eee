import assert from "node:assert/strict";
import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { sha256 } from "@demec/protocol";
import Corestore from "corestore";
import type { Connection } from "../connection.ts";
import { toHex } from "../hex.ts";
import { connectionPair } from "../testing.ts";
import { CodeStore } from "./codeStore.ts";
import { BLOCK_BYTES, encodeManifest, splitBlocks } from "./manifest.ts";

const MODULE = new Uint8Array(500_000).map((_, i) => (i * 7919) >> 5);
const MAX = { maxBytes: 1_000_000, timeoutMs: 5000 };

async function directory(t: TestContext): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), "demec-code-"));
  t.after(() => rm(path, { recursive: true, force: true }));
  return path;
}

async function store(t: TestContext, path?: string): Promise<CodeStore> {
  const opened = await CodeStore.open(path ?? (await directory(t)));
  t.after(() => opened.close());
  return opened;
}

async function pair(t: TestContext): Promise<[Connection, Connection]> {
  const both = await connectionPair();
  t.after(() => Promise.all(both.map((connection) => connection.close())));
  return both;
}

/** A store with one published module, and a connection to it. */
async function publisher(t: TestContext) {
  const publishing = await store(t);
  const published = await publishing.publish(MODULE);
  const [mine, theirs] = await pair(t);
  publishing.replicate(theirs);
  return { publishing, published, connections: [mine] };
}

/** A connection to a publisher whose core holds these blocks. */
async function coreOf(t: TestContext, blocks: Uint8Array[]) {
  const cores = new Corestore(await directory(t));
  t.after(() => cores.close());
  const core = cores.get({ name: "tampered" });
  await core.ready();
  await core.append(blocks);
  const [mine, theirs] = await pair(t);
  cores.replicate(theirs.stream);
  return { coreKey: toHex(core.key), connections: [mine] };
}

test("a module that was published is fetched whole by key and hash", async (t) => {
  const { published, connections } = await publisher(t);
  assert.deepEqual(published, { coreKey: published.coreKey, sha256: toHex(sha256(MODULE)), length: MODULE.length });
  const fetched = await (await store(t)).fetch({ ...published, ...MAX, connections });
  assert.deepEqual(fetched, MODULE);
});

test("the same bytes are published under the same key again, after a restart too", async (t) => {
  const path = await directory(t);
  const first = await CodeStore.open(path);
  const published = await first.publish(MODULE);
  assert.deepEqual(await first.publish(MODULE.slice()), published);
  await first.close();
  assert.deepEqual(await (await store(t, path)).publish(MODULE), published);
});

test("a fetched module stays on disk: the next fetch needs no peer, and a spoilt file is fetched anew", async (t) => {
  const path = await directory(t);
  const { published, connections } = await publisher(t);
  const first = await CodeStore.open(path);
  await first.fetch({ ...published, ...MAX, connections });
  await first.close();

  const second = await store(t, path);
  assert.deepEqual(await second.fetch({ ...published, ...MAX }), MODULE);
  const [file] = await readdir(join(path, "modules"));
  await writeFile(join(path, "modules", file!), MODULE.slice(1));
  assert.deepEqual(await second.fetch({ ...published, ...MAX }), MODULE, "from the core's own blocks");
});

test("a module that came from a publisher is served on to others", async (t) => {
  const { publishing, published, connections } = await publisher(t);
  const second = await store(t);
  await second.fetch({ ...published, ...MAX, connections });
  await publishing.close();
  const [mine, theirs] = await pair(t);
  second.replicate(theirs);
  assert.deepEqual(await (await store(t)).fetch({ ...published, ...MAX, connections: [mine] }), MODULE);
});

test("another hash than the core's is refused, by its manifest alone", async (t) => {
  const { published, connections } = await publisher(t);
  const wrong = { ...published, sha256: toHex(sha256(new Uint8Array(1))) };
  await assert.rejects((await store(t)).fetch({ ...wrong, ...MAX, connections }), {
    code: "network/code-hash-mismatch",
  });
});

test("bytes that are not the promised ones are refused whatever the manifest says, and are not kept", async (t) => {
  const hash = sha256(MODULE);
  const manifest = encodeManifest({ sha256: hash, length: MODULE.length });
  const tampered = MODULE.slice();
  tampered[300_000]! ^= 1;
  const bad: Uint8Array[][] = [
    [manifest, ...splitBlocks(tampered)],
    [manifest, ...splitBlocks(MODULE).map((block) => block.subarray(1))],
    [manifest, new Uint8Array(2 * BLOCK_BYTES), ...splitBlocks(MODULE).slice(1)],
    [manifest, MODULE, ...new Array(7).fill(new Uint8Array(1))],
    [new Uint8Array(37), ...splitBlocks(MODULE)],
    splitBlocks(MODULE),
  ];
  for (const blocks of bad) {
    const { coreKey, connections } = await coreOf(t, blocks);
    const path = await directory(t);
    const fetching = await store(t, path);
    await assert.rejects(fetching.fetch({ coreKey, sha256: toHex(hash), ...MAX, connections }), {
      code: "network/code-hash-mismatch",
    });
    await assert.rejects(readdir(join(path, "modules")), { code: "ENOENT" });
  }
});

test("a module above the limit is refused before it is fetched, and from disk too", async (t) => {
  const { published, connections } = await publisher(t);
  const fetching = await store(t);
  const small = { ...published, ...MAX, maxBytes: MODULE.length - 1, connections };
  await assert.rejects(fetching.fetch(small), { code: "network/code-too-large" });
  await fetching.fetch({ ...small, maxBytes: MODULE.length });
  await assert.rejects(fetching.fetch(small), { code: "network/code-too-large" });
});

test("a module that nobody has is not found, in the stated time; a fetch can be called off", async (t) => {
  const fetching = await store(t);
  const { connections } = await publisher(t);
  const nobodys = {
    coreKey: toHex(new Uint8Array(32).fill(9)),
    sha256: toHex(sha256(MODULE)),
    maxBytes: 1e6,
    connections,
  };
  await assert.rejects(fetching.fetch({ ...nobodys, timeoutMs: 100 }), { code: "network/code-not-found" });
  const fetch = fetching.fetch({ ...nobodys, signal: AbortSignal.timeout(50) });
  await assert.rejects(fetch, { code: "network/aborted" });
  await assert.rejects(fetching.fetch({ ...nobodys, coreKey: "0x12" }), { code: "protocol/malformed" });
});
