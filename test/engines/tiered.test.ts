/** V8 first, Wasmtime when it is ready: no call shows which. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type CompiledModule, type Engine, V8Engine } from "@demec/wasm";
import { TieredEngine, WasmtimeEngine } from "@demec/wasmtime";
import { request } from "../../packages/wasm/src/testing/request.ts";
import { reactor } from "../../packages/wasm/src/testing/wat.ts";
import { skip } from "./support.ts";

/** The engine, and how many calls ran on it. */
function counted(engine: Engine): { engine: Engine; runs: () => number; modules: () => number } {
  let runs = 0;
  let modules = 0;
  const compile = async (module: Uint8Array): Promise<CompiledModule> => {
    modules++;
    const compiled = await engine.compile(module);
    const run: CompiledModule["run"] = (call, deadlineMs) => {
      runs++;
      return compiled.run(call, deadlineMs);
    };
    return { info: compiled.info, run };
  };
  return { engine: { name: engine.name, compile }, runs: () => runs, modules: () => modules };
}

const SUM = reactor(
  `(local $i i32) (local $x f64)
  (loop $l
    (local.set $x (f64.add (f64.sqrt (local.get $x)) (f64.convert_i32_u (local.get $i))))
    (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get 1))))
  (f64.store (i32.const 0) (local.get $x))
  (i64.const 8)`,
);

describe("two engines as one", { skip }, () => {
  it("give the same outcomes before and after the second takes over", async () => {
    const v8 = counted(new V8Engine());
    const wasmtime = counted(new WasmtimeEngine({ compilesAside: true }));
    const module = await new TieredEngine(v8.engine, wasmtime.engine).compile(SUM);
    const call = request({ input: new Uint8Array(1000) });
    const first = module.run(call);
    assert.deepEqual([v8.runs(), wasmtime.modules()], [1, 0]);
    for (let i = 0; i < 2000 && wasmtime.runs() < 10; i++) {
      assert.deepEqual(module.run(call), first);
      await sleep(1);
    }
    assert.equal(wasmtime.runs(), 10);
    assert.equal(wasmtime.modules(), 1);
  });

  it("compile the second time what they were given the first, though the caller used the buffer again", async () => {
    const wasmtime = counted(new WasmtimeEngine());
    const bytes = Buffer.from(SUM);
    const module = await new TieredEngine(new V8Engine(), wasmtime.engine).compile(bytes);
    bytes.fill(0);
    for (let i = 0; i < 2000 && wasmtime.runs() === 0; i++) {
      module.run(request({ input: new Uint8Array(10) }));
      await sleep(1);
    }
    assert.ok(wasmtime.runs() > 0);
  });

  it("leave a module with a giant function to the first", async () => {
    const wasmtime = counted(new WasmtimeEngine());
    const giant = reactor(`${"(drop (i32.mul (local.get 0) (local.get 1)))".repeat(20_000)} (i64.const 0)`);
    const module = await new TieredEngine(new V8Engine(), wasmtime.engine).compile(giant);
    for (let i = 0; i < 100; i++) module.run(request());
    assert.equal(wasmtime.modules(), 0);
  });

  it("stay with the first where the second does not compile", async () => {
    const refuses: Engine = { name: "refuses", compile: () => Promise.reject(new Error("no")) };
    const module = await new TieredEngine(new V8Engine(), refuses).compile(SUM);
    const first = module.run(request());
    for (let i = 0; i < 100; i++) assert.deepEqual(module.run(request()), first);
    await sleep(10);
    assert.deepEqual(module.run(request()), first);
  });

  it("refuse a module that is cut short anywhere, as V8 does, at once", async () => {
    const tiered = new TieredEngine(new V8Engine(), new WasmtimeEngine());
    for (let length = 0; length < SUM.length; length++) {
      await assert.rejects(tiered.compile(SUM.subarray(0, length)), (error: { code?: string }) =>
        ["wasm/invalid-module", "wasm/no-entry"].includes(error.code ?? ""),
      );
    }
  });
});
