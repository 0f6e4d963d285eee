import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { sha256 } from "@demec/protocol";
import Corestore from "corestore";
import type { Connection } from "../connection.ts";
import { startLocalDht } from "../dht/localDht.ts";
import { Node } from "../dht/node.ts";
import { toHex } from "../hex.ts";
import { ContentStore } from "./contentStore.ts";
import { BLOCK_BYTES, encodeManifest, splitBlocks } from "./manifest.ts";
import { directory, diskStore, pair } from "./testing.ts";

const MODULE = new Uint8Array(500_000).map((_, i) => (i * 7919) >> 5);
const MAX = { maxBytes: 1_000_000, timeoutMs: 5000 };

/** A store with one published module, and a connection to it. */
async function publisher(t: TestContext) {
  const publishing = await diskStore(t);
  const published = await publishing.publish(MODULE);
  const [mine, theirs] = await pair(t);
  publishing.replicate(theirs);
  return { publishing, published, connection: mine, connections: () => [mine] };
}

/** A connection to a publisher whose core holds these blocks. */
async function coreOf(t: TestContext, blocks: Uint8Array[]) {
  const cores = new Corestore(await directory(t), { active: true });
  t.after(() => cores.close());
  const core = cores.get({ name: "tampered" });
  await core.ready();
  await core.append(blocks);
  const [mine, theirs] = await pair(t);
  cores.replicate(theirs.stream);
  return { coreKey: toHex(core.key), connections: () => [mine] };
}

test("a module that was published is fetched whole by key and hash", async (t) => {
  const { published, connections } = await publisher(t);
  assert.deepEqual(published, { coreKey: published.coreKey, sha256: toHex(sha256(MODULE)), length: MODULE.length });
  const fetched = await (await diskStore(t)).fetch({ ...published, ...MAX, connections });
  assert.deepEqual(fetched, MODULE);
});

test("the same bytes are published under the same key again, after a restart too", async (t) => {
  const path = await directory(t);
  const first = await ContentStore.open(path);
  const published = await first.publish(MODULE);
  assert.deepEqual(await first.publish(MODULE.slice()), published);
  await first.close();
  assert.deepEqual(await (await diskStore(t, path)).publish(MODULE), published);
});

test("what was fetched stays on disk: the next fetch needs no peer, after a restart too", async (t) => {
  const path = await directory(t);
  const { published, connections } = await publisher(t);
  const first = await ContentStore.open(path);
  await first.fetch({ ...published, ...MAX, connections });
  await first.close();
  assert.deepEqual(await (await diskStore(t, path)).fetch({ ...published, ...MAX }), MODULE);
});

test("a module that came from a publisher is served on to others", async (t) => {
  const { publishing, published, connections } = await publisher(t);
  const second = await diskStore(t);
  await second.fetch({ ...published, ...MAX, connections });
  await publishing.close();
  const [mine, theirs] = await pair(t);
  second.replicate(theirs);
  assert.deepEqual(await (await diskStore(t)).fetch({ ...published, ...MAX, connections: () => [mine] }), MODULE);
});

test("another hash than the core's is refused, by its manifest alone", async (t) => {
  const { published, connections } = await publisher(t);
  const wrong = { ...published, sha256: toHex(sha256(new Uint8Array(1))) };
  await assert.rejects((await diskStore(t)).fetch({ ...wrong, ...MAX, connections }), {
    code: "network/content-hash-mismatch",
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
    const fetching = await diskStore(t);
    await assert.rejects(fetching.fetch({ coreKey, sha256: toHex(hash), ...MAX, connections }), {
      code: "network/content-hash-mismatch",
    });
    assert.equal(fetching.bytes, 0);
  }
});

test("a module above the limit is refused before it is fetched, and from disk too", async (t) => {
  const { published, connections } = await publisher(t);
  const fetching = await diskStore(t);
  const small = { ...published, ...MAX, maxBytes: MODULE.length - 1, connections };
  await assert.rejects(fetching.fetch(small), { code: "network/content-too-large" });
  await fetching.fetch({ ...small, maxBytes: MODULE.length });
  await assert.rejects(fetching.fetch(small), { code: "network/content-too-large" });
});

test("a module that nobody has is not found, in the stated time; a fetch can be called off", async (t) => {
  const fetching = await diskStore(t);
  const { connections } = await publisher(t);
  const nobodys = {
    coreKey: toHex(new Uint8Array(32).fill(9)),
    sha256: toHex(sha256(MODULE)),
    maxBytes: 1e6,
    connections,
  };
  await assert.rejects(fetching.fetch({ ...nobodys, timeoutMs: 100 }), { code: "network/content-not-found" });
  const fetch = fetching.fetch({ ...nobodys, signal: AbortSignal.timeout(50) });
  await assert.rejects(fetch, { code: "network/aborted" });
  await assert.rejects(fetching.fetch({ ...nobodys, coreKey: "0x12" }), { code: "protocol/malformed" });
});

test("who announces a module and is gone holds nobody up who announces it later", async (t) => {
  const dht = await startLocalDht();
  t.after(() => dht.close());
  const options = { bootstrap: dht.bootstrap, host: "127.0.0.1" };
  const publishing = await Node.create(options);
  t.after(() => publishing.close());
  const code = await diskStore(t, undefined, { node: publishing });
  await publishing.listen({ onConnection: (connection) => code.replicate(connection) });
  const published = await code.put(MODULE);

  const program = `
    const { Node } = await import("./index.ts");
    const { ContentStore } = await import("./content/contentStore.ts");
    const node = await Node.create(${JSON.stringify(options)});
    await node.listen({ onConnection() {} });
    await (await ContentStore.open(${JSON.stringify(await directory(t))}, { node })).share(${JSON.stringify(published.coreKey)});
    console.log("announced");`;
  const src = join(import.meta.dirname, "..");
  const gone = spawn(process.execPath, ["--input-type=module", "-e", program], {
    cwd: src,
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.after(() => gone.kill("SIGKILL"));
  await once(gone.stdout, "data");
  gone.kill("SIGKILL");
  await once(gone, "exit");

  const reading = await Node.create(options);
  t.after(() => reading.close());
  const fetching = await diskStore(t, undefined, { node: reading });
  const fetch = fetching.fetch({ ...published, maxBytes: MODULE.length, timeoutMs: 30_000 });
  fetch.catch(() => {});
  // It tries the one that is gone by now.
  await sleep(1_000);
  await code.share(published.coreKey);
  const sharedMs = performance.now();
  assert.deepEqual(await fetch, MODULE);
  const waitedMs = performance.now() - sharedMs;
  t.diagnostic(`${waitedMs.toFixed(0)} ms after it was announced`);
  assert.ok(waitedMs < 5_000, `${waitedMs} ms`);
});

test("a fetch that was cut off goes on where it was: no more than a few blocks come twice", async (t) => {
  const large = new Uint8Array(100 * BLOCK_BYTES).map((_, i) => (i * 31) >> 4);
  const publishing = await diskStore(t);
  const published = await publishing.put(large);
  const wanted = { ...published, maxBytes: large.length, timeoutMs: 20_000 };
  const path = await directory(t);

  const [first, theirs] = await pair(t);
  publishing.replicate(theirs);
  const began = await ContentStore.open(path);
  const cut = began.fetch({ ...wanted, connections: () => [first], timeoutMs: 500 });
  cut.catch(() => {});
  while (first.stream.rawBytesRead < 30 * BLOCK_BYTES) await new Promise(setImmediate);
  const before = first.stream.rawBytesRead;
  first.stream.destroy();
  await assert.rejects(cut, { code: "network/content-not-found" });
  await began.close();
  assert.ok(before < 90 * BLOCK_BYTES, `${before} bytes came before the cut`);

  const [second, others] = await pair(t);
  publishing.replicate(others);
  assert.deepEqual(await (await diskStore(t, path)).fetch({ ...wanted, connections: () => [second] }), large);
  const twice = before + second.stream.rawBytesRead - large.length;
  assert.ok(twice < 2 * BLOCK_BYTES, `${twice} bytes too many for ${large.length}`);
});

test("a peer that comes back on another connection is asked there", async (t) => {
  const { publishing, published, connection } = await publisher(t);
  await connection.close();
  const [mine, theirs] = await pair(t);
  publishing.replicate(theirs);
  const alive: Connection[] = [connection];
  const fetching = (await diskStore(t)).fetch({ ...published, ...MAX, connections: () => alive });
  alive.push(mine);
  assert.deepEqual(await fetching, MODULE);
});

test("several peers serve one fetch together", async (t) => {
  const large = new Uint8Array(200 * BLOCK_BYTES).map((_, i) => (i * 17) >> 3);
  const publishing = await diskStore(t);
  const published = await publishing.put(large);
  const [toFirst, first] = await pair(t);
  publishing.replicate(first);
  const other = await diskStore(t);
  const wanted = { ...published, maxBytes: large.length };
  await other.fetch({ ...wanted, connections: () => [toFirst] });

  const [toPublisher, one] = await pair(t);
  const [toOther, two] = await pair(t);
  publishing.replicate(one);
  other.replicate(two);
  const fetched = await (await diskStore(t)).fetch({ ...wanted, connections: () => [toPublisher, toOther] });
  assert.deepEqual(fetched, large);
  for (const { stream } of [toPublisher, toOther]) {
    assert.ok(stream.rawBytesRead > 20 * BLOCK_BYTES, `${stream.rawBytesRead} bytes came from one of them`);
  }
});

test("a store keeps within its bytes: what was used longest ago makes room, what is needed never does", async (t) => {
  const path = await directory(t);
  const bounded = await ContentStore.open(path, { maxBytes: 300_000 });
  const contentOf = (fill: number) => new Uint8Array(100_000).fill(fill);
  const [a, b, c] = [await bounded.put(contentOf(1)), await bounded.put(contentOf(2)), await bounded.put(contentOf(3))];
  await assert.rejects(bounded.put(contentOf(4)), { code: "network/content-full" });
  for (const content of [c, a, b]) await bounded.unpin(content);
  await bounded.fetch({ ...a, ...MAX }, true);
  await bounded.put(contentOf(4));
  assert.equal(bounded.bytes, 300_000);
  const held = async (store: ContentStore, content: typeof a) =>
    store.fetch({ ...content, ...MAX, timeoutMs: 1 }).then(
      () => true,
      () => false,
    );
  assert.deepEqual([await held(bounded, a), await held(bounded, b), await held(bounded, c)], [true, false, true]);
  await bounded.close();

  const reopened = await diskStore(t, path, { maxBytes: 300_000 });
  assert.equal(reopened.bytes, 300_000);
  await reopened.put(contentOf(5));
  assert.equal(reopened.bytes, 300_000);
});

test("what went is fetched anew, and what was put again is served again", async (t) => {
  const { publishing, published, connections } = await publisher(t);
  const fetching = await diskStore(t);
  await fetching.fetch({ ...published, ...MAX, connections });
  await fetching.release(published);
  assert.equal(fetching.bytes, 0);
  assert.deepEqual(await fetching.fetch({ ...published, ...MAX, connections }), MODULE);
  await publishing.release(published);
  const again = await publishing.put(MODULE);
  const [mine, theirs] = await pair(t);
  publishing.replicate(theirs);
  const other = await diskStore(t);
  assert.deepEqual(await other.fetch({ ...again, ...MAX, connections: () => [mine] }), MODULE);
});

test("nobody is asked for a content but the peers that are meant to be", async (t) => {
  const { published, publishing } = await publisher(t);
  const fetching = await diskStore(t);
  const [mine, theirs] = await pair(t);
  publishing.replicate(theirs);
  fetching.replicate(mine);
  await assert.rejects(fetching.fetch({ ...published, ...MAX, timeoutMs: 300 }), { code: "network/content-not-found" });
});

test("a peer that begins to serve after it was asked is asked again", async (t) => {
  const publishing = await diskStore(t);
  const published = await publishing.put(MODULE);
  const [mine, theirs] = await pair(t);
  const fetching = (await diskStore(t)).fetch({ ...published, ...MAX, connections: () => [mine] });
  await new Promise((resolve) => setTimeout(resolve, 100));
  publishing.replicate(theirs);
  assert.deepEqual(await fetching, MODULE);
});
