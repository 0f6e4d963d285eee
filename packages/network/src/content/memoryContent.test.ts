// A page's store of content against Hypercore itself, as providers have it.
import assert from "node:assert/strict";
import { test } from "node:test";
import { sha256 } from "@demec/protocol";
import NoiseSecretStream from "@hyperswarm/secret-stream";
import Corestore from "corestore";
import type { CoreData, CoreRequest } from "hypercore/lib/messages.js";
import { Connection } from "../connection.ts";
import { toHex } from "../hex.ts";
import { Mux } from "../mux.ts";
import type { NoiseStream } from "../transport/noiseStream.ts";
import { dialWebSocket } from "../transport/webSocketClient.ts";
import { listenWebSocket } from "../transport/webSocketListener.ts";
import { CORE_PROTOCOL } from "./coreChannel.ts";
import { CoreHost } from "./coreHost.ts";
import { BLOCK_BYTES, encodeManifest, splitBlocks } from "./manifest.ts";
import { MemoryContent } from "./memoryContent.ts";
import type { Searcher } from "./sources.ts";
import { StaticCore } from "./staticCore.ts";
import { directory, diskStore, pair } from "./testing.ts";

const made = (length: number, factor = 7919) => new Uint8Array(length).map((_, i) => (i * factor) >> 5);
const SIZES = [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, 3 * BLOCK_BYTES + 5, 7 * BLOCK_BYTES, 100 * BLOCK_BYTES + 1];
const WAIT = { timeoutMs: 10_000 };

for (const length of SIZES) {
  test(`${length} bytes go from memory to a disk, from there to another disk, and back to memory`, async (t) => {
    const bytes = made(length);
    const [page, node, other] = [new MemoryContent(), await diskStore(t), await diskStore(t)];
    const content = await page.put(bytes);
    assert.deepEqual(content, { coreKey: content.coreKey, sha256: toHex(sha256(bytes)), length });
    const [fromPage, atPage] = await pair(t);
    page.replicate(atPage);
    const wanted = { ...content, maxBytes: length, ...WAIT };
    assert.deepEqual(await node.fetch({ ...wanted, connections: () => [fromPage] }), bytes);
    const [fromNode, atNode] = await pair(t);
    node.replicate(atNode);
    assert.deepEqual(await other.fetch({ ...wanted, connections: () => [fromNode] }), bytes);
    const [again, atNodeAgain] = await pair(t);
    node.replicate(atNodeAgain);
    for (let i = 0; i < 2; i++) {
      assert.deepEqual(await new MemoryContent().fetch({ ...wanted, connections: () => [again] }), bytes);
    }
  });
}

test("what a disk has is fetched over connections that serve as well, many contents at once", async (t) => {
  const [page, node] = [new MemoryContent(), await diskStore(t)];
  const [mine, theirs] = await pair(t);
  page.replicate(mine);
  node.replicate(theirs);
  const there = await Promise.all(SIZES.map((length) => node.put(made(length, 31))));
  const here = await Promise.all(SIZES.map((length) => page.put(made(length, 17))));
  const [got, given] = await Promise.all([
    Promise.all(
      there.map((content) => page.fetch({ ...content, maxBytes: content.length, ...WAIT, connections: () => [mine] })),
    ),
    Promise.all(
      here.map((content) => node.fetch({ ...content, maxBytes: content.length, ...WAIT, connections: () => [theirs] })),
    ),
  ]);
  assert.deepEqual(
    got.map((bytes) => toHex(sha256(bytes))),
    there.map((content) => content.sha256),
  );
  assert.deepEqual(
    given.map((bytes) => toHex(sha256(bytes))),
    here.map((content) => content.sha256),
  );
});

test("a fetch that is cut off goes on where it was, on the next connection", async (t) => {
  const [page, node] = [new MemoryContent(), await diskStore(t)];
  const bytes = made(400 * BLOCK_BYTES);
  const content = await node.put(bytes);
  const connections: Connection[] = [];
  let received = 0;
  const keyPair = NoiseSecretStream.keyPair();
  const take = async (stream: NoiseStream) => node.replicate(await Connection.open(stream, {}, WAIT));
  const door = await listenWebSocket({ host: "127.0.0.1", port: 0 }, { keyPair, admits: () => true, take });
  t.after(() => door.close());
  const connect = async () => {
    const mine = await Connection.open(dialWebSocket(door.address, NoiseSecretStream.keyPair()), {}, WAIT);
    t.after(() => mine.close());
    connections.splice(0, connections.length, mine);
    return mine;
  };
  const first = await connect();
  const fetching = page.fetch({ ...content, maxBytes: bytes.length, ...WAIT, connections: () => connections });
  while (first.stream.rawBytesRead < 100 * BLOCK_BYTES) await new Promise((resolve) => setTimeout(resolve, 1));
  await first.close();
  received += first.stream.rawBytesRead;
  const second = await connect();
  assert.deepEqual(await fetching, bytes);
  received += second.stream.rawBytesRead;
  t.diagnostic(`${received} bytes for ${bytes.length}`);
  assert.ok(received < bytes.length * 1.25, `${received} bytes came`);
});

test("what is not what was named is refused, whatever its manifest says; nothing comes of a core that nobody has", async (t) => {
  const bytes = made(300_000);
  const hash = sha256(bytes);
  const manifest = encodeManifest({ sha256: hash, length: bytes.length });
  const tampered = bytes.slice();
  tampered[200_000]! ^= 1;
  const bad: Uint8Array[][] = [
    [manifest, ...splitBlocks(tampered)],
    [manifest, ...splitBlocks(bytes).map((block) => block.subarray(1))],
    [new Uint8Array(37), ...splitBlocks(bytes)],
    [encodeManifest({ sha256: new Uint8Array(32), length: bytes.length }), ...splitBlocks(bytes)],
    splitBlocks(bytes),
  ];
  const cores = new Corestore(await directory(t), { active: true });
  t.after(() => cores.close());
  const [mine, theirs] = await pair(t);
  cores.replicate(theirs.stream);
  const wanted = { sha256: toHex(hash), maxBytes: bytes.length, ...WAIT, connections: () => [mine] };
  const page = new MemoryContent();
  for (const [i, blocks] of bad.entries()) {
    const core = cores.get({ name: `tampered ${i}` });
    await core.ready();
    await core.append(blocks);
    const fetching = page.fetch({ ...wanted, coreKey: toHex(core.key) });
    await assert.rejects(fetching, { code: "network/content-hash-mismatch" });
  }
  const coreKey = toHex(new Uint8Array(32).fill(9));
  await assert.rejects(page.fetch({ ...wanted, coreKey, timeoutMs: 100 }), { code: "network/content-not-found" });
  const signal = AbortSignal.timeout(50);
  await assert.rejects(page.fetch({ ...wanted, coreKey, signal }), { code: "network/aborted" });
  const large = cores.get({ name: "large" });
  await large.ready();
  await large.append([manifest, ...splitBlocks(bytes)]);
  await assert.rejects(page.fetch({ ...wanted, coreKey: toHex(large.key), maxBytes: bytes.length - 1 }), {
    code: "network/content-too-large",
  });
});

/** Says that it has a content, and gives other bytes. */
class Liar extends StaticCore {
  override async prove(request: CoreRequest): Promise<CoreData | null> {
    const data = await super.prove(request);
    data?.block?.value.fill(0, data.block.index === 0 ? 37 : 0);
    return data;
  }
}

test("who announced a content and gives other bytes keeps nobody from it; a provider that was asked for it is told", async (t) => {
  const bytes = made(3 * BLOCK_BYTES);
  const honest = new MemoryContent();
  const content = await honest.put(bytes);
  const [[toLiar, liar], [toHonest, other]] = [await pair(t), await pair(t)];
  honest.replicate(other);
  Mux.of(liar.stream).pair({ protocol: CORE_PROTOCOL }, async (key) =>
    CoreHost.serve(liar, new Liar(bytes.slice()), key),
  );
  const found = [toLiar, toHonest];
  const node: Searcher = {
    publicKey: "0x",
    async *lookup() {
      for (const { remotePublicKey } of found) yield { publicKey: remotePublicKey, relayAddresses: [] };
    },
    connect: async (key) => found.find(({ remotePublicKey }) => remotePublicKey === key)!,
  };
  const wanted = { ...content, maxBytes: bytes.length, timeoutMs: 3_000 };
  const onlyLiar = new MemoryContent().fetch({ ...wanted, connections: () => [toLiar] });
  await assert.rejects(onlyLiar, { code: "network/content-hash-mismatch" });
  assert.deepEqual(await new MemoryContent({ node }).fetch(wanted), bytes);
});

test("what is held stays within its bytes: the longest unused goes, what is needed never", async () => {
  const page = new MemoryContent({ maxBytes: 300 });
  const contents = [];
  for (let i = 0; i < 3; i++) contents.push(await page.put(new Uint8Array(100).fill(i)));
  assert.equal(page.bytes, 300);
  await assert.rejects(page.put(new Uint8Array(1)), { code: "network/content-full" });
  const [first, second, third] = contents as [(typeof contents)[0], (typeof contents)[0], (typeof contents)[0]];
  assert.deepEqual(await page.put(new Uint8Array(100).fill(0)), first, "the same bytes are one content");
  for (const content of [first, second]) await page.unpin(content);
  await page.put(new Uint8Array(50).fill(9));
  assert.equal(page.bytes, 250);
  const has = (content: typeof first) =>
    page.fetch({ ...content, maxBytes: 100, timeoutMs: 1 }).then(
      () => true,
      () => false,
    );
  assert.deepEqual(await Promise.all([has(first), has(second), has(third)]), [true, false, true]);
});
