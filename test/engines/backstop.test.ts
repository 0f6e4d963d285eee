/** Wasmtime's own wall clock, and calls beside the main thread. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WasmtimeEngine } from "@demec/wasmtime";
import { request } from "../../packages/wasm/src/testing/request.ts";
import { reactor } from "../../packages/wasm/src/testing/wat.ts";
import { skip } from "./support.ts";

const SPIN = reactor("(loop (br 0)) unreachable");
/** Adds one to its input's bytes. */
const ADD = reactor(`(local $i i32)
  (loop $l
    (i32.store8 (i32.add (local.get 0) (local.get $i)) (i32.add (i32.load8_u (i32.add (local.get 0) (local.get $i))) (i32.const 1)))
    (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (local.get 1))))
  (i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))`);
const endless = request({ limits: { bitOps: 2n ** 62n } });

describe("the Wasmtime engine", { skip }, () => {
  it("stops a program whose time is over, on this thread and aside, and runs the next", async () => {
    const engine = new WasmtimeEngine();
    const [spin, add] = await Promise.all([engine.compile(SPIN), engine.compile(ADD)]);
    for (let i = 0; i < 3; i++) {
      assert.throws(() => spin.run(endless, 20), { code: "executor/deadline" });
      await assert.rejects(spin.runAside(endless, 20), { code: "executor/deadline" });
      assert.deepEqual(add.run(request({ input: Uint8Array.of(i) }), 1000).output, Uint8Array.of(i + 1));
      // Long enough for the clock to have gone to sleep.
      if (i === 1) await new Promise((resolve) => setTimeout(resolve, 1500));
    }
  });

  it("runs calls side by side, each with its own memory and result", async () => {
    const engine = new WasmtimeEngine();
    const [spin, add] = await Promise.all([engine.compile(SPIN), engine.compile(ADD)]);
    const spins = [1, 2].map(() => assert.rejects(spin.runAside(endless, 200), { code: "executor/deadline" }));
    const inputs = Array.from({ length: 200 }, (_, i) => new Uint8Array(1 + i * 31).fill(i));
    const outputs = await Promise.all(inputs.map(async (input) => (await add.runAside(request({ input }))).output));
    assert.deepEqual(
      outputs,
      inputs.map((input) => input.map((byte) => byte + 1)),
    );
    await Promise.all(spins);
  });

  it("refuses more calls at a time than it has instances as the host's failure", async () => {
    const engine = new WasmtimeEngine({ instances: 1 });
    const spin = await engine.compile(SPIN);
    const results = await Promise.allSettled([spin.runAside(endless, 200), spin.runAside(endless, 200)]);
    const codes = results.map((result) => (result as PromiseRejectedResult).reason.code).sort();
    assert.deepEqual(codes, ["executor/deadline", "executor/host-failure"]);
  });
});
