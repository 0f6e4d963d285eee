import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isDemecError } from "@demec/protocol/errors";
import fc from "fast-check";
import { bakeScript, MAX_SCRIPT_BYTES } from "./bakeScript.ts";
import { request } from "./testing/request.ts";
import { wat } from "./testing/wat.ts";
import { V8Engine } from "./v8/engine.ts";

const SLOT = 2048;
const hasCode = (code: string) => (error: unknown) => isDemecError(error) && error.code === code;

/** A reactor that returns what stands in its slot. */
const interpreter = (fields = "") =>
  wat(`(module
    (memory (export "memory") 6)
    (global i32 (i32.const -5))
    (global (export "demec_script") i32 (i32.const ${SLOT}))
    (func (export "alloc") (param i32) (result i32) (i32.const 0))
    (func (export "handle") (param i32 i32) (result i64)
      (i64.or (i64.shl (i64.const ${SLOT + 4}) (i64.const 32)) (i64.load32_u (i32.const ${SLOT}))))
    ${fields})`);

async function script(module: Uint8Array): Promise<Uint8Array> {
  return (await new V8Engine().compile(module)).run(request()).output;
}

describe("a baked script", () => {
  const modules = {
    "without data": interpreter(),
    "with data": interpreter('(data (i32.const 8) "data")'),
    "with counted data": interpreter(
      '(data $passive "passive") (func (memory.init $passive (i32.const 0) (i32.const 0) (i32.const 7)))',
    ),
  };
  for (const [name, module] of Object.entries(modules)) {
    it(`is what an interpreter ${name} finds in its slot`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 3000 }), async (bytes) => {
          assert.deepEqual(await script(bakeScript(module, bytes)), bytes);
        }),
        { numRuns: 20 },
      );
      const longest = new Uint8Array(MAX_SCRIPT_BYTES).fill(7);
      assert.deepEqual(await script(bakeScript(module, longest)), longest);
    });
  }

  it("takes the place of a shorter one", async () => {
    const once = bakeScript(interpreter(), Uint8Array.of(1, 2, 3));
    assert.deepEqual(await script(bakeScript(once, Uint8Array.of(9, 8, 7))), Uint8Array.of(9, 8, 7));
  });

  it("is refused where it is empty or too long", () => {
    for (const length of [0, MAX_SCRIPT_BYTES + 1]) {
      assert.throws(() => bakeScript(interpreter(), new Uint8Array(length)), hasCode("protocol/out-of-range"));
    }
  });

  it("is refused by a module that names no slot by a constant", () => {
    const others = [
      "(module)",
      '(module (global (export "other") i32 (i32.const 1)))',
      '(module (func (export "demec_script")))',
      '(module (import "x" "y" (global i32)) (export "demec_script" (global 0)))',
      '(module (global (export "demec_script") i64 (i64.const 1)))',
    ];
    for (const text of others) {
      assert.throws(() => bakeScript(wat(text), Uint8Array.of(1)), hasCode("wasm/no-script-slot"), text);
    }
  });
});
