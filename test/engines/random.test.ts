/** Random modules, the same ones in every run, behave the same on V8, on Wasmtime and in Chromium. DEMEC_MODULES: how many. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { statusName } from "@demec/protocol/execution";
import { randomModule } from "../../packages/wasm/src/testing/generate.ts";
import { request } from "../../packages/wasm/src/testing/request.ts";
import { wat } from "../../packages/wasm/src/testing/wat.ts";
import { Both, repeatInChromium, skip } from "./support.ts";

const MODULES = Number(process.env.DEMEC_MODULES ?? 2000);
/** Where the result of `run` goes: outside the first kilobyte, which the random code uses most. */
const RESULT_AT = 60_000;

/** The module with the entry of a reactor, whose result is the whole first page: globals, result of `run`, memory. */
function asReactor(text: string, x: number, y: number): Uint8Array {
  const shown = ["i32", "i64", "f32", "f64", "v128"].map(
    (type, i) => `(${type}.store offset=${RESULT_AT + 16 + 16 * i} (i32.const 0) (global.get $g_${type}))`,
  );
  const end = text.lastIndexOf(")");
  return wat(`${text.slice(0, end)}
    (func (export "alloc") (param i32) (result i32) (i32.const 0))
    (func (export "handle") (param i32 i32) (result i64)
      (i64.store offset=${RESULT_AT} (i32.const 0) (call ${(text.match(/\(func \$f/g) ?? []).length - 1} (i32.const ${x}) (f64.const ${y})))
      ${shown.join("\n")}
      (i64.const 65536)))`);
}

describe(`${MODULES} random modules`, { skip }, () => {
  it("end with the same status, output and work, whole and cut short", async () => {
    const ends = new Map<string, number>();
    for (let seed = 0; seed < MODULES; seed++) {
      const module = asReactor(randomModule(seed, true), seed * 7919, seed / 3);
      const both = await Both.compile(module);
      const call = request({ limits: { bitOps: 10n ** 8n, memoryPages: 3 } });
      const whole = both.outcome(call);
      // Cut short somewhere, it is out of fuel at the same place.
      for (const share of [3n, 7n]) {
        both.outcome({ ...call, limits: { ...call.limits, bitOps: (whole.bitOps * share) / 8n } });
        both.outcome({ ...call, limits: { ...call.limits, floatOps: (whole.floatOps * share) / 8n } });
      }
      if (statusName(whole.status) === "ok") both.assertEdge(call);
      const end = statusName(whole.status)!;
      ends.set(end, (ends.get(end) ?? 0) + 1);
    }
    // The modules are worth running: most of them end well, and traps of several kinds are among the rest.
    assert.ok(ends.get("ok")! > MODULES / 4, JSON.stringify([...ends]));
    assert.ok(ends.size >= 4, JSON.stringify([...ends]));
  });

  repeatInChromium();
});
