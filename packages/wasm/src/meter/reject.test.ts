import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type DemecError, isDemecError } from "@demec/protocol/errors";
import { reactor, wat } from "../testing/wat.ts";
import { instrumentModule, meter } from "./meter.ts";

function refusal(module: Uint8Array): DemecError {
  try {
    meter(module);
  } catch (error) {
    if (isDemecError(error)) return error;
    throw error;
  }
  return assert.fail("the module was accepted");
}

const concat = (...parts: (Uint8Array | number[])[]) => Uint8Array.from(parts.flatMap((part) => [...part]));
const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)]);
const HEADER = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];

describe("a module is refused, with a code, the feature and its byte offset, when it", () => {
  const unsupported: [feature: RegExp, module: Uint8Array][] = [
    [/threads/, reactor("(i64.atomic.load (i32.const 0))", "", "1 1 shared")],
    [/threads/, reactor("(i64.atomic.load (i32.const 0))")],
    [/relaxed SIMD/, reactor("(drop (i32x4.relaxed_trunc_f32x4_s (v128.const i32x4 0 0 0 0))) (i64.const 0)")],
    [/exceptions/, reactor("(throw $t)", "(tag $t)")],
    [/exceptions/, wat(`(module (import "m" "t" (tag)))`)],
    [/exceptions/, wat("(module (func (try (do) (catch_all))))")],
    [/memory64/, wat(`(module (memory i64 1))`)],
    [/multi-memory/, wat(`(module (memory 1) (memory 1))`)],
    [/multi-memory/, wat(`(module (import "m" "a" (memory 1)) (memory 1))`)],
    // (type (struct)), and (func (result anyref))
    [/garbage collection/, concat(HEADER, [1, 3, 1, 0x5f, 0])],
    [/garbage collection/, concat(HEADER, [1, 5, 1, 0x60, 0, 1, 0x6e])],
    // (rec (type (func)))
    [/garbage collection/, concat(HEADER, [1, 6, 1, 0x4e, 1, 0x60, 0, 0])],
    // (global (ref func) (ref.func 0))
    [/typed references/, concat(HEADER, [6, 7, 1, 0x64, 0x70, 0, 0xd2, 0, 0x0b])],
    // i31 smuggled into an externref by a constant expression
    [/garbage collection/, concat(HEADER, [6, 11, 1, 0x6f, 0, 0x41, 0, 0xfb, 0x1c, 0xfb, 0x1b, 0x0b, 0])],
    [/component model/, Uint8Array.of(0, 0x61, 0x73, 0x6d, 0x0d, 0, 1, 0)],
    [/constant from a global/, wat("(module (global i32 (i32.const 1)) (global i32 (global.get 0)))")],
    [/wide arithmetic/, concat(HEADER, [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 6, 1, 4, 0, 0xfc, 0x13, 0x0b])],
  ];
  for (const [feature, module] of unsupported) {
    it(`uses ${feature.source}`, () => {
      const error = refusal(module);
      assert.equal(error.code, "wasm/unsupported-feature", error.message);
      assert.match(String(error.details.feature), feature);
      assert.ok(Number(error.details.offset) >= 4 && Number(error.details.offset) < module.length);
    });
  }

  it("names the very byte of an unsupported instruction", () => {
    const module = reactor("(i64.atomic.load (i32.const 0))");
    assert.equal(module[Number(refusal(module).details.offset)], 0xfe);
  });

  it("is not valid", () => {
    for (const module of [
      reactor("(i32.const 1)"),
      new Uint8Array(0),
      Uint8Array.of(1, 2, 3),
      concat(HEADER, [1, 200]),
      concat(HEADER, [3, 2, 1, 0]),
      reactor("(i64.const 1)").subarray(0, 40),
    ]) {
      assert.equal(refusal(module).code, "wasm/invalid-module");
    }
  });

  it("imports what is not offered", () => {
    for (const [imported, name] of [
      [`"env" "abort" (func)`, "abort"],
      [`"wasi_snapshot_preview1" "fd_teleport" (func)`, "fd_teleport"],
      [`"wasi_snapshot_preview1" "fd_write" (func)`, "fd_write"],
      [`"wasi_snapshot_preview1" "memory" (memory 1)`, "memory"],
      [`"wasi_snapshot_preview1" "fd_write" (global i32)`, "fd_write"],
      [`"wasi_unstable" "fd_write" (func (param i32 i32 i32 i32) (result i32))`, "fd_write"],
    ]) {
      const error = refusal(wat(`(module (import ${imported}))`));
      assert.equal(error.code, "wasm/import-not-offered");
      assert.equal(error.details.name, name);
    }
  });

  it("exports a name of the meter", () => {
    const error = refusal(reactor("(i64.const 0)", `(func (export "demec:bitOps"))`));
    assert.equal(error.code, "wasm/reserved-export");
    assert.equal(error.details.name, "demec:bitOps");
  });

  it("has no entry of either shape", () => {
    for (const module of [
      wat("(module)"),
      wat(`(module (memory (export "memory") 1))`),
      wat(`(module (memory (export "memory") 1) (func (export "_start") (param i32)))`),
      wat(`(module (func (export "_start")))`),
      wat(`(module (func (export "memory")) (func (export "_start")))`),
    ]) {
      assert.equal(refusal(module).code, "wasm/no-entry");
    }
  });

  it("is over a limit", () => {
    const locals = wat(`(module (func ${"(local i64 i32)".repeat(10_001)}))`);
    const blocks = [...Array.from({ length: 5_100 }, () => [0x02, 0x40]).flat(), ...Array(5_101).fill(0x0b)];
    const body = [...leb(1 + blocks.length), 0, ...blocks];
    const nested = concat(HEADER, [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10], leb(1 + body.length), [1], body);
    const cases: [string, Uint8Array][] = [
      ["locals", locals],
      ["nesting", nested],
      ["tables", wat(`(module ${"(table 1 funcref)".repeat(17)})`)],
      ["tableElements", reactor("(i64.const 0)", "(table 600000 funcref) (table 600000 funcref)")],
      ["imports", wat(`(module ${`(import "a" "b" (func))`.repeat(1001)})`)],
      ["moduleBytes", new Uint8Array((32 << 20) + 1)],
      // Counts that the bytes could never hold must not be believed.
      ["types", concat(HEADER, [1, 5, 0xff, 0xff, 0xff, 0xff, 0x0f])],
      [
        "locals",
        concat(HEADER, [1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, 10, 11, 1, 9, 1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 0, 0x0b]),
      ],
    ];
    for (const [name, module] of cases) {
      const error = refusal(module);
      assert.equal(error.code, "wasm/over-limit", error.message);
      assert.equal(error.details.name, name);
    }
  });
});

describe("instrumentModule", () => {
  it("leaves imports and entries to its caller but not the meter's names", () => {
    const module = instrumentModule(wat(`(module (import "m" "f" (func)) (import "m" "g" (global i32)))`));
    assert.ok(WebAssembly.validate(module as Uint8Array<ArrayBuffer>));
    assert.throws(() => instrumentModule(wat(`(module (global (export "demec:x") i32 (i32.const 0)))`)), {
      code: "wasm/reserved-export",
    });
  });
});
