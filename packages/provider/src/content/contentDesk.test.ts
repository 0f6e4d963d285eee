import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type Connection, ContentStore } from "@demec/network";
import { connectionPair } from "@demec/network/testing";
import { type ByContent, sha256 } from "@demec/protocol";
import { bareRequest } from "@demec/protocol/testing";
import { Executor, type ExecutorOptions } from "@demec/wasm/node";
import { bytesToHex } from "viem";
import type { Call } from "../executorPort.ts";
import { ContentDesk } from "./contentDesk.ts";
import { type ContentPolicy, DEFAULT_CONTENT_POLICY } from "./policy.ts";

/** A command that does nothing; `mark` makes modules differ. */
function nothing(mark = 0): Uint8Array {
  const named = (name: string, kind: number) => [name.length, ...Buffer.from(name), kind, 0];
  const exports = [2, ...named("memory", 2), ...named("_start", 0)];
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...[1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 5, 3, 1, 0, 1],
    ...[7, exports.length, ...exports],
    ...[10, 4, 1, 2, 0, 0x0b],
    ...[0, 3, 1, 0x78, mark],
  );
}

async function storeOf(t: TestContext): Promise<ContentStore> {
  const directory = await mkdtemp(join(tmpdir(), "demec-desk-"));
  const store = await ContentStore.open(directory);
  t.after(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  return store;
}

/** A desk, the buyer's store beside it, and calls on the connection between them. */
async function desk(t: TestContext, changes: Partial<ContentPolicy> = {}, options: ExecutorOptions = {}) {
  const [mine, theirs] = await Promise.all([storeOf(t), storeOf(t)]);
  const [connection, other] = await connectionPair();
  t.after(() => Promise.all([connection.close(), other.close()]));
  theirs.replicate(other);
  const executor = new Executor({ lanes: 1, ...options });
  t.after(() => executor.close());
  let nowMs = 0;
  const policy = { ...DEFAULT_CONTENT_POLICY, ...changes };
  const made = new ContentDesk({ executor, store: mine, policy, now: () => nowMs });
  t.after(() => made.stop());
  const call = (byContent: ByContent, module: Uint8Array, connections: readonly Connection[] = [connection]): Call => ({
    moduleHash: sha256(module),
    request: bareRequest({
      ...{ shape: "command", byContent },
      limits: { bitOps: 1_000_000n, floatOps: 0n, memoryPages: 1, outputBytes: 1_000 },
    }),
    deadlineMs: 2_000,
    tenant: "0xbuyer",
    way: { connections: () => connections, onFetched: () => {} },
  });
  const own = async (module: Uint8Array) => call({ module: await theirs.put(module) }, module);
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { desk: made, executor, mine, theirs, call, own, pass, connection };
}

test("a buyer's module runs, and runs again when the executor has forgotten it, without its buyer", async (t) => {
  const { desk: made, own, call, theirs, executor } = await desk(t, {}, { moduleCacheBytes: 70 });
  const first = await own(nothing(1));
  assert.equal((await made.run(first)).status, 0);
  await made.run(await own(nothing(2)));
  assert.equal(executor.has(first.moduleHash), false);
  const alone = call({ module: await theirs.put(nothing(1)) }, nothing(1), []);
  assert.equal((await made.run(alone)).status, 0);
});

test("a service's module is got back when buyers' modules have driven it out of the executor", async (t) => {
  const { desk: made, mine, own, executor, connection } = await desk(t, {}, { moduleCacheBytes: 70 });
  const module = nothing(3);
  const { coreKey, sha256: codeHash } = await mine.put(module);
  await made.serve({ codeHash, codeCore: coreKey });
  await made.run(await own(nothing(4)));
  assert.equal(executor.has(sha256(module)), false);
  const { byContent, ...plain } = (await own(module)).request;
  assert.ok(byContent);
  const call = { moduleHash: sha256(module), request: plain, deadlineMs: 1_000, tenant: "0xother" };
  assert.equal((await made.run(call)).status, 0);
  assert.equal(connection.isClosed, false);
});

test("a module that takes too long to compile is refused as its buyer's own fault, and not tried again", async (t) => {
  const { desk: made, own, executor } = await desk(t, {}, { loadDeadlineMs: 1 });
  const bomb = await own(nothing(5));
  await assert.rejects(made.run(bomb), { code: "provider/module-refused" });
  const { faults } = executor.status();
  await assert.rejects(made.run(bomb), { code: "provider/module-refused" });
  assert.equal(executor.status().faults, faults);
});

test("one buyer has so many modules compiled at once, and more with time; another buyer is not held up", async (t) => {
  const { desk: made, own, pass } = await desk(t, { compileBurst: 2, compilesPerSecond: 1 });
  for (const mark of [1, 2]) await made.run(await own(nothing(mark)));
  const third = await own(nothing(3));
  await assert.rejects(made.run(third), { code: "provider/content-busy" });
  assert.equal((await made.run({ ...third, tenant: "0xother" })).status, 0);
  const fourth = await own(nothing(4));
  pass(1_000);
  assert.equal((await made.run(fourth)).status, 0);
});

test("what is fetched for one buyer is bounded by announced bytes; what is here costs it nothing", async (t) => {
  const { desk: made, theirs, call, own } = await desk(t, { fetchBurstBytes: 1_000, fetchBytesPerSecond: 1 });
  const module = nothing();
  await made.run(await own(module));
  const contents = [await theirs.put(new Uint8Array(600).fill(1)), await theirs.put(new Uint8Array(600).fill(2))];
  const [first, second] = contents.map((input) => call({ input, module: undefined }, module));
  for (let i = 0; i < 3; i++) assert.equal((await made.run(first!)).status, 0);
  await assert.rejects(made.run(second!), { code: "provider/content-busy" });
});

test("calls by content hold no more bytes than a buyer's share, while they run and while their outputs wait", async (t) => {
  const { desk: made, theirs, call, own } = await desk(t, { maxHeldBytesPerBuyer: 1_500 });
  const module = nothing();
  await made.run(await own(module));
  const input = await theirs.put(new Uint8Array(600));
  await assert.rejects(made.run(call({ input, output: true }, module)), { code: "provider/content-busy" });
  const two = [call({ input }, module), call({ input }, module), call({ input }, module)].map((one) => made.run(one));
  const ends = await Promise.allSettled(two);
  assert.deepEqual(
    ends.map(({ status }) => status),
    ["fulfilled", "fulfilled", "rejected"],
  );
  assert.equal((await made.run(call({ input }, module))).status, 0);
});

test("content that does not have the announced length or hash reaches no module", async (t) => {
  const { desk: made, theirs, call, own, executor } = await desk(t);
  const module = nothing();
  await made.run(await own(module));
  const { completed } = executor.status();
  const input = await theirs.put(new Uint8Array(600));
  const lies = [
    { ...input, length: 601 },
    { ...input, length: 599 },
    { ...input, sha256: bytesToHex(sha256(module)) },
  ];
  for (const lie of lies) await assert.rejects(made.run(call({ input: lie }, module)), { code: /^network\/content-/ });
  const huge = { ...input, length: DEFAULT_CONTENT_POLICY.maxBytes + 1 };
  await assert.rejects(made.run(call({ input: huge }, module)), { code: "provider/content-too-large" });
  assert.equal(executor.status().completed, completed);
});
