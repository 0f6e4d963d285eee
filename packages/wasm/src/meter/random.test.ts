import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { it } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { isDemecError } from "@demec/protocol/errors";
import fc from "fast-check";
import { execute } from "../testing/execute.ts";
import { randomModule } from "../testing/generate.ts";
import { reactor, wat } from "../testing/wat.ts";
import { instrumentModule, meter } from "./meter.ts";

const PROBE = fileURLToPath(new URL("../testing/tierProbe.ts", import.meta.url));
const seed = fc.integer({ min: 0, max: 2 ** 31 - 1 });

it("a metered module does to the bit what the original does, wherever the original is deterministic", () => {
  fc.assert(
    fc.property(seed, fc.integer(), fc.float({ noNaN: true }), (at, x, y) => {
      const original = wat(randomModule(at, false));
      const expected = execute(original, x, y);
      const actual = execute(instrumentModule(original), x, y);
      assert.equal(actual.end, expected.end);
      assert.equal(Buffer.compare(actual.memory, expected.memory), 0);
    }),
    { numRuns: 400 },
  );
});

it("whatever a module does, a limit equal to its work changes nothing, and one less is overdrawn", () => {
  let trapped = 0;
  fc.assert(
    fc.property(seed, fc.integer(), fc.float({ noNaN: true }), (at, x, y) => {
      const module = instrumentModule(wat(randomModule(at, true)));
      const plenty = execute(module, x, y);
      if (/memory|unreachable|divide|unrepresentable/.test(plenty.end)) trapped++;
      const exact = execute(module, x, y, plenty);
      assert.deepEqual([exact.end, exact.bitOps, exact.floatOps], [plenty.end, plenty.bitOps, plenty.floatOps]);
      assert.equal(Buffer.compare(exact.memory, plenty.memory), 0);
      const fewerBits = { bitOps: plenty.bitOps - 1n, floatOps: plenty.floatOps };
      assert.ok(execute(module, x, y, fewerBits).bitOps > fewerBits.bitOps);
      if (plenty.floatOps === 0n) return;
      const fewerFloats = { bitOps: plenty.bitOps, floatOps: plenty.floatOps - 1n };
      assert.ok(execute(module, x, y, fewerFloats).floatOps > fewerFloats.floatOps);
    }),
    { numRuns: 300 },
  );
  assert.ok(trapped > 10);
});

it("results, memory and work are the same under the baseline and the optimising compiler, with branch hints and without", async () => {
  const from = Math.floor(Math.random() * 2 ** 30);
  const probe = async (...flags: string[]) => {
    const args = ["--no-warnings", ...flags, PROBE, String(from), String(from + 150)];
    return (await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 24 })).stdout.split("\n");
  };
  const [baseline, optimised] = [await probe("--liftoff-only"), await probe("--no-liftoff")];
  assert.equal(baseline.length, 151);
  assert.deepEqual(optimised, baseline);
  assert.deepEqual(await probe("--no-liftoff", "--experimental-wasm-branch-hinting"), baseline);
});

it("whatever is done to the bytes of a module, it is metered to a valid module or refused with a code", () => {
  const modules = [
    ...Array.from({ length: 20 }, (_, i) => wat(randomModule(i, true))),
    reactor("(call $f) (i64.const 0)", `(func $f (memory.fill (i32.const 0) (i32.const 0) (i32.const 9)))`),
    wat(`(module (import "wasi_snapshot_preview1" "proc_exit" (func (param i32))) (memory (export "memory") 1)
      (global i32 (i32.const 1)) (table 2 funcref) (elem (i32.const 0) $s) (elem $p func $s) (data $d "x")
      (func $s (export "_start") (call 0 (i32.const 1))))`),
  ];
  const mutation = fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) });
  let accepted = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...modules),
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      (module, mutations) => {
        const bytes = module.slice();
        for (const { at, value } of mutations) bytes[at % bytes.length] = value;
        for (const rewrite of [instrumentModule, (input: Uint8Array) => meter(input).bytes]) {
          try {
            assert.ok(WebAssembly.validate(rewrite(bytes) as Uint8Array<ArrayBuffer>));
            accepted++;
          } catch (error) {
            if (!isDemecError(error)) throw error;
          }
        }
      },
    ),
    { numRuns: 3000 },
  );
  assert.ok(accepted > 100);
});
