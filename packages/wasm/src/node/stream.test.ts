import assert from "node:assert/strict";
import { after, before, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { statusName } from "@demec/protocol/execution";
import { sha256 } from "@demec/protocol/sha256";
import { StreamHash } from "@demec/protocol/stream-hash";
import { until } from "@demec/protocol/testing";
import type { StreamedCall } from "../scheduling/moduleExecutor.ts";
import { request } from "../testing/request.ts";
import { copier, pattern } from "../testing/streams.ts";
import { reactor, wat } from "../testing/wat.ts";
import { Executor } from "./executor.ts";

const MIB = 1 << 20;
/** `pnpm long:stream` says 1024. */
const LARGE_MIB = Number(process.env.DEMEC_STREAM_MIB ?? 64);
const COPY = copier(100_000);
const limits = { bitOps: 10n ** 15n, outputBytes: 0xffff_ffff };

let executor: Executor;
before(() => {
  executor = new Executor({ lanes: 1 });
});
after(() => executor.close());

async function stream(module: Uint8Array, call: Partial<StreamedCall> & Pick<StreamedCall, "input">) {
  const moduleHash = sha256(module);
  await executor.load(moduleHash, module);
  const output: Uint8Array[] = [];
  const outcome = await executor.runStreamed({
    moduleHash,
    request: request({ shape: "command", limits }),
    deadlineMs: 600_000,
    tenant: "tenant",
    onOutput: (bytes) => {
      output.push(bytes);
    },
    ...call,
  });
  return { ...outcome, written: Buffer.concat(output) };
}

async function collect(input: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of input) parts.push(part.slice());
  return Buffer.concat(parts);
}

function streamHash(bytes: Uint8Array): Uint8Array {
  const hash = new StreamHash();
  hash.update(bytes);
  return hash.digest();
}

it("a stream gives what the same input gives whole, however it is cut and whenever it comes", async () => {
  const bytes = await collect(pattern(1_234_567, 50_000));
  const moduleHash = sha256(COPY);
  await executor.load(moduleHash, COPY);
  const whole = await executor.run({
    moduleHash,
    request: request({ shape: "command", input: bytes, limits }),
    deadlineMs: 60_000,
    tenant: "tenant",
  });
  async function* late() {
    yield bytes.subarray(0, 1);
    await sleep(30);
    yield new Uint8Array(0);
    yield bytes.subarray(1, 1_000_001);
    await sleep(30);
    yield bytes.subarray(1_000_001);
  }
  for (const input of [pattern(1_234_567, 50_000), late()]) {
    const outcome = await stream(COPY, { input });
    assert.equal(statusName(outcome.status), "ok");
    assert.deepEqual([outcome.bitOps, outcome.floatOps], [whole.bitOps, whole.floatOps]);
    assert.deepEqual(outcome.written, Buffer.from(whole.output));
    assert.deepEqual(outcome.written, bytes);
    assert.deepEqual(outcome.inputHash, streamHash(bytes));
    assert.deepEqual(outcome.stdoutHash, streamHash(bytes));
    assert.deepEqual([outcome.inputBytes, outcome.stdoutBytes], [bytes.length, bytes.length]);
  }
});

it(`${LARGE_MIB} MiB go through without being held in memory, in the child or here`, async () => {
  await stream(COPY, { input: pattern(MIB, 65_536) });
  const rssBytes = () => executor.status().lanes[0]!.rssBytes;
  const before = { child: rssBytes(), here: process.memoryUsage().rss };
  const most = { child: 0, here: 0 };
  let bytes = 0;
  const outcome = await stream(COPY, {
    input: pattern(LARGE_MIB * MIB, 65_536),
    onOutput: (chunk) => {
      bytes += chunk.length;
      if (bytes % (4 * MIB) > 65_536) return;
      most.child = Math.max(most.child, rssBytes());
      most.here = Math.max(most.here, process.memoryUsage().rss);
    },
  });
  assert.equal(bytes, LARGE_MIB * MIB);
  assert.deepEqual(outcome.inputHash, outcome.stdoutHash);
  // Whatever the size of the run: buffers, and what the collectors have not got to.
  for (const [place, growth] of [
    ["child", most.child - before.child],
    ["here", most.here - before.here],
  ]) {
    assert.ok(Number(growth) < 48 * MIB, `${place} grew by ${growth}`);
  }
});

it("whoever is slow to take output holds the program and the sender back", async () => {
  let taken = 0;
  let first: (() => void) | undefined;
  const done = stream(COPY, {
    input: pattern(32 * MIB, 65_536, (bytes) => {
      taken += bytes;
    }),
    onOutput: () =>
      new Promise<void>((resolve) => {
        if (first === undefined) first = resolve;
        else resolve();
      }),
  });
  const go = await until("output is offered", () => first);
  await sleep(300);
  assert.ok(taken < 4 * MIB, `${taken} bytes were sent ahead`);
  go();
  assert.equal((await done).stdoutBytes, 32 * MIB);
});

it("an early exit stops the sender, and the hash covers what was offered", async () => {
  const early = copier(1000, "(if (i32.eq (global.get $pieces) (i32.const 3)) (then (call $exit (i32.const 7))))");
  let taken = 0;
  let isStopped = false;
  async function* endless() {
    try {
      for (;;) {
        taken += 65_536;
        yield new Uint8Array(65_536).fill(taken >> 16);
      }
    } finally {
      isStopped = true;
    }
  }
  const outcome = await stream(early, { input: endless() });
  assert.deepEqual([statusName(outcome.status), outcome.exitCode, outcome.stdoutBytes], ["exitCode", 7, 2000]);
  await sleep(20);
  assert.ok(isStopped);
  const { inputBytes } = outcome;
  assert.ok(inputBytes >= 65_536 && inputBytes <= taken && taken < 4 * MIB);
  const offered = new Uint8Array(inputBytes).map((_, i) => (i >> 16) + 1);
  assert.deepEqual(outcome.inputHash, streamHash(offered));
});

it("a program sees the same input ready however it comes", async () => {
  const poll = poller(`
    (i32.store8 (i32.const 108) (i32.const 1))
    (drop (call $poll (i32.const 100) (i32.const 200) (i32.const 1) (i32.const 24)))
    (i32.store (i32.const 16) (i32.const 216))
    (i32.store (i32.const 20) (i32.const 8))
    (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))`);
  async function* trickle(total: number) {
    for (let i = 0; i < total; i += 1000) yield new Uint8Array(Math.min(1000, total - i));
  }
  const ready = async (input: AsyncIterable<Uint8Array>) => (await stream(poll, { input })).written.readUInt32LE();
  assert.deepEqual(
    [await ready(trickle(99_000)), await ready(pattern(99_000, 99_000)), await ready(trickle(4500))],
    [65_536, 65_536, 4500],
  );
});

it("a source or a taker that fails ends the call with its own error, and the executor goes on", async () => {
  async function* broken() {
    yield new Uint8Array(10);
    throw new Error("the disk is on fire");
  }
  await assert.rejects(stream(COPY, { input: broken() }), {
    code: "executor/stream-failed",
    message: /disk is on fire/,
  });
  const onOutput = () => Promise.reject(new Error("no more room"));
  await assert.rejects(stream(COPY, { input: pattern(MIB, 65_536), onOutput }), {
    code: "executor/stream-failed",
    message: /no more room/,
  });
  assert.equal((await stream(COPY, { input: pattern(5, 5) })).stdoutBytes, 5);
});

it("a streamed call has its deadline, its signal and its place behind nobody", async () => {
  async function* never() {
    yield new Uint8Array(1);
    await new Promise((resolve) => setTimeout(resolve, 60_000).unref());
  }
  await assert.rejects(stream(COPY, { input: never(), deadlineMs: 300 }), { code: "executor/deadline" });
  const waiting = stream(COPY, { input: never(), signal: AbortSignal.timeout(300) }).catch(({ code }) => code);
  const other = reactor("(i64.const 0)");
  await executor.load(sha256(other), other, "other");
  const call = { moduleHash: sha256(other), request: request(), deadlineMs: 20_000, tenant: "other" };
  assert.equal((await executor.run(call)).status, 0);
  assert.equal(await waiting, "executor/cancelled");
});

/** A command that polls and writes. */
function poller(body: string): Uint8Array {
  return wat(`(module
    (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
    (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
    (memory (export "memory") 1)
    (func (export "_start") ${body}))`);
}
