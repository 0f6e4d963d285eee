/** The executor with Wasmtime in its children. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { ExecutionRequest } from "@demec/protocol/execution";
import { sha256 } from "@demec/protocol/sha256";
import { V8Engine } from "@demec/wasm";
import { Executor } from "@demec/wasm/node";
import { wasmtimeModule } from "@demec/wasmtime";
import { request } from "../../packages/wasm/src/testing/request.ts";
import { reactor } from "../../packages/wasm/src/testing/wat.ts";
import { skip } from "./support.ts";

const ECHO = reactor(
  "(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))",
);
const SPIN = reactor("(loop (br 0)) unreachable");
const HOG = reactor(`(local $i i32)
  (drop (memory.grow (i32.const 32768)))
  (loop $next
    (i32.store8 (local.get $i) (i32.const 1))
    (local.set $i (i32.and (i32.add (local.get $i) (i32.const 4096)) (i32.const 0x7fffffff)))
    (br $next))
  unreachable`);
const limits = { bitOps: 10n ** 15n, memoryPages: 65_536 };

async function withExecutor(use: (executor: Executor) => Promise<void>, hasBackstop = false): Promise<void> {
  const engine = wasmtimeModule({ isEager: true, hasBackstop });
  const executor = new Executor({ lanes: 1, engine, maxRssBytes: 2 ** 28 });
  try {
    await use(executor);
  } finally {
    await executor.close();
  }
}

async function call(executor: Executor, module: Uint8Array, call: ExecutionRequest, deadlineMs = 10_000) {
  const moduleHash = sha256(module);
  await executor.load(moduleHash, module);
  return executor.run({ moduleHash, request: call, deadlineMs, tenant: "tenant" });
}

describe("an executor on Wasmtime", { skip }, () => {
  it("says so, and gives the outcomes that V8 gives", () =>
    withExecutor(async (executor) => {
      assert.equal(executor.status().engine, "wasmtime");
      const v8 = await new V8Engine().compile(ECHO);
      for (const length of [0, 1, 70_000, 3]) {
        const input = Uint8Array.from({ length }, (_, i) => i * 13);
        const { durationMs, ...outcome } = await call(executor, ECHO, request({ input }));
        assert.deepEqual(outcome, v8.run(request({ input })));
        assert.ok(durationMs > 0);
      }
    }));

  it("with a backstop ends a call at its deadline without ending its process: those behind it lose nothing", () =>
    withExecutor(async (executor) => {
      await call(executor, ECHO, request());
      const { pid } = executor.status().lanes[0]!;
      const results = await Promise.allSettled([
        call(executor, SPIN, request({ limits }), 300),
        ...Array.from({ length: 20 }, () => call(executor, ECHO, request())),
      ]);
      assert.equal((results[0] as PromiseRejectedResult).reason.code, "executor/deadline");
      assert.deepEqual(new Set(results.slice(1).map(({ status }) => status)), new Set(["fulfilled"]));
      assert.deepEqual([executor.status().restarts, executor.status().lanes[0]!.pid], [0, pid]);
    }, true));

  it("without a backstop ends the process of a call at its deadline, and runs those behind it again", () =>
    withExecutor(async (executor) => {
      const results = await Promise.allSettled([
        call(executor, SPIN, request({ limits }), 300),
        ...Array.from({ length: 20 }, () => call(executor, ECHO, request())),
      ]);
      assert.equal((results[0] as PromiseRejectedResult).reason.code, "executor/deadline");
      assert.deepEqual(new Set(results.slice(1).map(({ status }) => status)), new Set(["fulfilled"]));
      assert.equal(executor.status().restarts, 1);
    }));

  it("ends a call that touches more memory than there is for it, and serves the next", () =>
    withExecutor(async (executor) => {
      await assert.rejects(call(executor, HOG, request({ limits })), { code: "executor/out-of-memory" });
      assert.equal((await call(executor, ECHO, request({ input: Uint8Array.of(1) }))).output[0], 1);
    }));

  it("leaves nothing of a call in memory for the next one", () =>
    withExecutor(async (executor) => {
      // Writes into its last page, having summed up what it finds there.
      const keeper = reactor(
        `(local $i i32) (local $sum i32)
        (drop (memory.grow (i32.const 40)))
        (local.set $i (i32.const 2000000))
        (loop $next
          (local.set $sum (i32.or (local.get $sum) (i32.load (local.get $i))))
          (i32.store (local.get $i) (i32.const -1))
          (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4))) (i32.const 2600000))))
        (i32.store (i32.const 0) (local.get $sum))
        (i64.const 4)`,
      );
      for (let i = 0; i < 5; i++) {
        const { output } = await call(executor, keeper, request({ limits }));
        assert.deepEqual(output, Uint8Array.of(0, 0, 0, 0));
      }
    }));
});
