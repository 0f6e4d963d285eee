import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type ExecutionRequest, statusName } from "@demec/protocol/execution";
import { makeFiles } from "@demec/protocol/files";
import { sha256 } from "@demec/protocol/sha256";
import { until } from "@demec/protocol/testing";
import { request } from "../testing/request.ts";
import { encodeCalls, wasiPlayer } from "../testing/wasiPlayer.ts";
import { reactor } from "../testing/wat.ts";
import { V8Engine } from "../v8/engine.ts";
import { Executor, type ExecutorOptions } from "./executor.ts";

const ECHO_BODY = "(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))";
const ECHO = reactor(ECHO_BODY);
const SPIN = reactor("(loop (br 0)) unreachable");
/** Touches every page it can get, again and again. */
const HOG = reactor(`(local $i i32)
  (drop (memory.grow (i32.const 32768)))
  (loop $again
    (local.set $i (i32.const 0))
    (loop $next
      (i32.store8 (local.get $i) (i32.const 1))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4096))) (i32.const 0x7f000000))))
    (br $again))
  unreachable`);

const plenty = { bitOps: 10n ** 15n, memoryPages: 65_536 };

async function call(
  executor: Executor,
  module: Uint8Array,
  options: { input?: Uint8Array; deadlineMs?: number; tenant?: string; signal?: AbortSignal } = {},
) {
  const moduleHash = sha256(module);
  await executor.load(moduleHash, module);
  const { input = new Uint8Array(0), deadlineMs = 20_000, tenant = "tenant", signal } = options;
  const call = { moduleHash, request: request({ input, limits: plenty }), deadlineMs, tenant };
  return executor.run(signal === undefined ? call : { ...call, signal });
}

/** An executor for one test. */
async function withExecutor<T>(options: ExecutorOptions, use: (executor: Executor) => Promise<T>): Promise<T> {
  const executor = new Executor(options);
  try {
    return await use(executor);
  } finally {
    await executor.close();
  }
}

/** Waits for the child of the only lane to be at work. */
async function busyPid(executor: Executor): Promise<number> {
  await until("it runs a call", () => {
    const [lane] = executor.status().lanes;
    return lane!.inFlight > 0 && lane!.pid !== undefined;
  });
  await sleep(200);
  return executor.status().lanes[0]!.pid!;
}

describe("an executor", () => {
  let executor: Executor;
  before(() => {
    executor = new Executor({ lanes: 1 });
  });
  after(() => executor.close());

  it("gives the outcome that the engine gives", async () => {
    const input = Uint8Array.from({ length: 100_000 }, (_, i) => i * 13);
    const { durationMs, ...outcome } = await call(executor, ECHO, { input });
    const direct = (await new V8Engine().compile(ECHO)).run(request({ input, limits: plenty }));
    assert.deepEqual(outcome, direct);
    assert.ok(durationMs > 0 && durationMs < 10_000);
  });

  it("checks a module's hash before it looks at its bytes", async () => {
    const garbage = Uint8Array.of(1, 2, 3);
    await assert.rejects(executor.load(sha256(ECHO), garbage), { code: "wasm/hash-mismatch" });
    await assert.rejects(executor.load(sha256(garbage), garbage), { code: "wasm/invalid-module" });
  });

  it("passes refusals on with code and details", async () => {
    const module = reactor("(i64.atomic.load (i32.const 0))");
    await assert.rejects(
      executor.load(sha256(module), module),
      (error: { code: string; details: Record<string, unknown> }) => {
        assert.equal(error.code, "wasm/unsupported-feature");
        assert.deepEqual(error.details, { feature: "threads", offset: module.indexOf(0xfe) });
        return true;
      },
    );
    const moduleHash = sha256(ECHO);
    const run = (parts: Parameters<typeof request>[0]) =>
      executor.run({ moduleHash, request: request(parts), deadlineMs: 1000, tenant: "t" });
    await assert.rejects(run({ shape: "command" }), { code: "wasm/wrong-shape" });
    await assert.rejects(run({ limits: { memoryPages: 0 } }), { code: "wasm/memory-limit" });
    await assert.rejects(run({ limits: { bitOps: 2n ** 64n } }), { code: "protocol/out-of-range" });
    await assert.rejects(executor.run({ moduleHash: sha256(SPIN), request: request(), deadlineMs: 9, tenant: "t" }), {
      code: "executor/unknown-module",
    });
  });

  it("answers many calls at once, each with its own result", async () => {
    const inputs = Array.from({ length: 500 }, (_, i) => new TextEncoder().encode(`call ${i}`));
    const outcomes = await Promise.all(inputs.map((input) => call(executor, ECHO, { input })));
    assert.deepEqual(
      outcomes.map(({ output }) => output),
      inputs,
    );
  });

  it("ends a call at its deadline with a fault, and only that call", async () => {
    await executor.load(sha256(SPIN), SPIN);
    const start = performance.now();
    const results = await Promise.allSettled([
      call(executor, SPIN, { deadlineMs: 300 }),
      ...Array.from({ length: 20 }, () => call(executor, ECHO)),
    ]);
    assert.equal((results[0] as PromiseRejectedResult).reason.code, "executor/deadline");
    assert.deepEqual(
      results.slice(1).map(({ status }) => status),
      Array(20).fill("fulfilled"),
    );
    assert.ok(performance.now() - start < 5_000);
    assert.ok(executor.status().restarts >= 1);
  });

  it("gives a waiting call its deadline too, and does not run it then", async () => {
    const results = await Promise.allSettled([
      call(executor, SPIN, { deadlineMs: 400 }),
      call(executor, ECHO, { deadlineMs: 100 }),
      call(executor, ECHO),
    ]);
    assert.deepEqual(
      results.map((result) => (result.status === "rejected" ? result.reason.code : statusName(result.value.status))),
      ["executor/deadline", "executor/deadline", "ok"],
    );
  });

  it("survives a child killed in the middle of a call: that call is a fault, its neighbours are not", async () => {
    const killed = call(executor, SPIN);
    killed.catch(() => {});
    const pid = await busyPid(executor);
    const neighbours = [call(executor, ECHO), call(executor, ECHO)];
    await sleep(50);
    process.kill(pid, "SIGKILL");
    const start = performance.now();
    await assert.rejects(killed, { code: "executor/crashed" });
    assert.deepEqual(
      (await Promise.all(neighbours)).map(({ status }) => statusName(status)),
      ["ok", "ok"],
    );
    assert.ok(performance.now() - start < 2_000);
  });
});

it("gives a program its files, and refuses what are none before a child sees them", () =>
  withExecutor({ lanes: 1 }, async (executor) => {
    // Its input says which calls to make: here they read "d/größe" into memory, which is the result.
    const data = new Map([
      [0x100, Buffer.from("d/größe")],
      [0x48, Buffer.from(Uint32Array.of(0x2000, 100).buffer)],
    ]);
    const module = wasiPlayer(data);
    const moduleHash = sha256(module);
    await executor.load(moduleHash, module);
    const input = encodeCalls([
      { name: "path_open", args: [3, 0, 0x100, 9, 0, 2n, 0n, 0, 0x40] },
      { name: "fd_read", args: [4, 0x48, 1, 0x50] },
    ]);
    const runWith = (files: ExecutionRequest["files"]) =>
      executor.run({ moduleHash, request: request({ input, files }), deadlineMs: 20_000, tenant: "tenant" });
    const bytes = Uint8Array.of(7, 8, 9);
    const files = makeFiles({ "d/größe": bytes, other: new Uint8Array(100_000) });
    const { durationMs: _, ...outcome } = await runWith(files);
    assert.deepEqual(outcome.output.subarray(0x2000, 0x2004), Uint8Array.of(7, 8, 9, 0));
    assert.deepEqual(outcome, (await new V8Engine().compile(module)).run(request({ input, files })));
    await assert.rejects(runWith([{ path: "../x", bytes }]), { code: "protocol/bad-files" });
  }));

describe("an executor under pressure", () => {
  it("refuses calls beyond its queue, and one tenant's beyond its share", () =>
    withExecutor({ lanes: 1, queueLimit: 4, tenantQueueLimit: 2 }, async (executor) => {
      await executor.load(sha256(SPIN), SPIN);
      const open = (tenant: string) => call(executor, SPIN, { tenant, deadlineMs: 60_000 });
      const settled: string[] = [];
      const calls = ["a", "a", "a", "a", "b", "b", "b", "c", "c"].map((tenant, i) =>
        open(tenant).catch(({ code }) => settled.push(`${i} ${code}`)),
      );
      await sleep(300);
      // One runs; two of a and two of b wait; one of c, which has none waiting, gets in all the same.
      assert.deepEqual(settled, ["3 executor/overloaded", "6 executor/overloaded", "8 executor/overloaded"]);
      await executor.close();
      await Promise.all(calls);
      assert.equal(settled.filter((line) => line.endsWith("executor/closed")).length, 6);
      await assert.rejects(call(executor, ECHO), { code: "executor/closed" });
    }));

  it("serves a quiet tenant while another has hundreds waiting", () =>
    withExecutor({ lanes: 1 }, async (executor) => {
      // Never as short as calls that a child gets many of at once, on whatever machine.
      const slow = reactor(
        "(local $i i32) (loop (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 10000000)))) (i64.const 0)",
      );
      await call(executor, slow);
      let loud = 0;
      const flood = Promise.all(
        Array.from({ length: 300 }, () => call(executor, slow, { tenant: "loud" }).then(() => loud++)),
      );
      // What fails here is to be told, and not that the executor was closed then.
      flood.catch(() => {});
      await call(executor, slow, { tenant: "quiet" });
      assert.ok(loud < 10, `${loud} calls of the loud tenant came first`);
      await flood;
    }));

  it("serves a tenant at once while another's endless calls fill every lane", () =>
    withExecutor({ lanes: 2 }, async (executor) => {
      await call(executor, ECHO);
      await executor.load(sha256(SPIN), SPIN);
      const stop = new AbortController();
      const endless = Array.from({ length: 10 }, () =>
        call(executor, SPIN, { tenant: "loud", signal: stop.signal }).catch(({ code }) => code),
      );
      await sleep(100);
      for (let i = 0; i < 20; i++) await call(executor, ECHO, { tenant: "quiet", deadlineMs: 3_000 });
      assert.ok(executor.status().lanes.length <= 4);
      stop.abort();
      assert.deepEqual(new Set(await Promise.all(endless)), new Set(["executor/cancelled"]));
      for (let i = 0; i < 100 && executor.status().lanes.length > 2; i++) await sleep(50);
      assert.equal(executor.status().lanes.length, 2);
    }));

  it("gives two tenants the same time, though one's calls are five times as long", () =>
    withExecutor({ lanes: 1 }, async (executor) => {
      const counter = reactor(
        `(local $i i32) (loop (br_if 0 (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1)))
          (i32.load (local.get 0))))) (i64.const 0)`,
      );
      const input = (rounds: number) => new Uint8Array(Uint32Array.of(rounds).buffer);
      const done = { long: 0, short: 0 };
      const stop = new AbortController();
      const flood = (tenant: "long" | "short", rounds: number) =>
        Array.from({ length: 1_600 }, () =>
          call(executor, counter, { tenant, input: input(rounds), signal: stop.signal }).then(
            ({ durationMs }) => {
              done[tenant] += durationMs;
            },
            () => {},
          ),
        );
      await call(executor, counter, { input: input(1) });
      const calls = [...flood("long", 20_000_000), ...flood("short", 4_000_000)];
      // Long enough for one call that the machine holds up to weigh little.
      await until("much of the work is done", () => done.long + done.short >= 1_600, 100_000);
      stop.abort();
      await Promise.all(calls);
      const ratio = done.long / done.short;
      assert.ok(ratio > 0.5 && ratio < 2, `long had ${ratio} times what short had`);
    }));

  it("takes back a cancelled call: one that waits never runs, one that runs ends, others lose nothing", () =>
    withExecutor({ lanes: 1 }, async (executor) => {
      await call(executor, ECHO);
      await executor.load(sha256(SPIN), SPIN);
      const [running, waiting] = [new AbortController(), new AbortController()];
      const results = [
        call(executor, SPIN, { signal: running.signal }),
        call(executor, SPIN, { signal: waiting.signal }),
        call(executor, ECHO),
      ].map((promise) => promise.then(({ status }) => statusName(status)).catch(({ code }) => code));
      await sleep(100);
      const { faults } = executor.status();
      waiting.abort();
      assert.equal(await results[1], "executor/cancelled");
      running.abort();
      assert.deepEqual(await Promise.all(results), ["executor/cancelled", "executor/cancelled", "ok"]);
      assert.equal(executor.status().faults, faults);
      await assert.rejects(call(executor, ECHO, { signal: running.signal }), { code: "executor/cancelled" });
    }));

  it("loses no call though its child is killed again and again", () =>
    withExecutor({ lanes: 1 }, async (executor) => {
      await call(executor, ECHO);
      let killed = 0;
      const killer = (async () => {
        while (killed < 3) {
          await sleep(30);
          const { pid, inFlight } = executor.status().lanes[0]!;
          if (pid === undefined || inFlight === 0) continue;
          process.kill(pid, "SIGKILL");
          killed++;
          await sleep(200);
        }
      })();
      const results: PromiseSettledResult<unknown>[] = [];
      while (killed < 3) {
        const calls = Array.from({ length: 200 }, (_, i) => call(executor, ECHO, { input: Uint8Array.of(i) }));
        results.push(...(await Promise.allSettled(calls)));
      }
      await killer;
      const lost = results.filter((result) => result.status === "rejected");
      // Only what was running.
      assert.ok(lost.length <= 3, `${lost.length} of ${results.length} calls were lost`);
      for (const { reason } of lost as PromiseRejectedResult[]) assert.equal(reason.code, "executor/crashed");
    }));

  it("ends a call that takes too much memory, and serves the next", () =>
    withExecutor({ lanes: 1, maxRssBytes: 400 << 20 }, async (executor) => {
      await assert.rejects(call(executor, HOG), { code: "executor/out-of-memory" });
      assert.equal((await call(executor, ECHO)).status, 0);
    }));

  it("does not let calls wait behind a long one while another child is free", () =>
    withExecutor({ lanes: 2 }, async (executor) => {
      // Short at first, then endless: the second byte decides.
      const moody = reactor(`(if (i32.load8_u (local.get 0)) (then (loop (br 0)))) ${ECHO_BODY}`);
      for (let i = 0; i < 20; i++) await call(executor, moody, { input: Uint8Array.of(0) });
      const results = await Promise.allSettled([
        call(executor, moody, { input: Uint8Array.of(1), deadlineMs: 1500 }),
        ...Array.from({ length: 50 }, () => call(executor, moody, { input: Uint8Array.of(0), deadlineMs: 1400 })),
      ]);
      assert.equal(results.filter(({ status }) => status === "fulfilled").length, 50);
    }));

  it("keeps modules up to its cache's size and forgets the least recent", () =>
    withExecutor({ lanes: 1, moduleCacheBytes: 2 * ECHO.length + 10 }, async (executor) => {
      const modules = [0, 1, 2].map((i) => reactor(ECHO_BODY, `(global i32 (i32.const ${i}))`, "1"));
      for (const module of modules) assert.equal((await call(executor, module)).status, 0);
      assert.ok(executor.status().modules < 3);
      const moduleHash = sha256(modules[0]!);
      assert.equal(executor.has(moduleHash), false);
      await assert.rejects(executor.run({ moduleHash, request: request(), deadlineMs: 1000, tenant: "t" }), {
        code: "executor/unknown-module",
      });
      assert.equal((await call(executor, modules[0]!)).status, 0);
    }));
});

describe("a child", () => {
  it("has no environment, no file of its own and only pipes", { skip: process.platform !== "linux" }, () =>
    withExecutor({ lanes: 1 }, async (executor) => {
      process.env.DEMEC_TEST_SECRET = "hush";
      const running = call(executor, SPIN, { deadlineMs: 2_000 });
      running.catch(() => {});
      const pid = await busyPid(executor);
      assert.match(readFileSync(`/proc/${pid}/environ`, "utf8"), /^(PWD=\/\0)?$/);
      const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
      assert.match(command, /--permission\0/);
      assert.doesNotMatch(command, /--allow-(fs-write|child-process|addons|wasi)/);
      delete process.env.DEMEC_TEST_SECRET;
    }),
  );

  it("dies with its parent, even in an endless call", { skip: process.platform !== "linux" }, async () => {
    const { execFileSync } = await import("node:child_process");
    const script = `
      import { Executor } from ${JSON.stringify(new URL("./executor.ts", import.meta.url))};
      import { reactor } from ${JSON.stringify(new URL("../testing/wat.ts", import.meta.url))};
      import { request } from ${JSON.stringify(new URL("../testing/request.ts", import.meta.url))};
      import { sha256 } from ${JSON.stringify(import.meta.resolve("@demec/protocol/sha256"))};
      const executor = new Executor({ lanes: 1 });
      const module = reactor("(loop (br 0)) unreachable");
      await executor.load(sha256(module), module);
      executor.run({ moduleHash: sha256(module), request: request({ limits: { bitOps: 10n ** 15n } }), deadlineMs: 60_000, tenant: "" });
      setTimeout(() => { console.log(executor.status().lanes[0].pid); process.kill(process.pid, "SIGKILL"); }, 300);`;
    let pid = 0;
    try {
      execFileSync(process.execPath, ["--no-warnings", "--input-type=module", "-e", script], { encoding: "utf8" });
    } catch (error) {
      pid = Number((error as { stdout: string }).stdout);
    }
    assert.ok(pid > 0);
    for (let i = 0; i < 100 && isAlive(pid); i++) await sleep(20);
    assert.equal(isAlive(pid), false);
  });
});

function isAlive(pid: number): boolean {
  try {
    // A zombie that nobody has reaped yet is dead.
    return !/^\d+ \(.*\) Z/.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false;
  }
}
