import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { words } from "../testing/run.ts";
import { reactor } from "../testing/wat.ts";

/** V8 makes these with the sign set, so that only the meter can have made them canonical. */
const NAN_64 = "(f64.div (f64.load (i32.const 512)) (f64.load (i32.const 512)))";
const NAN_32 = "(f32.div (f32.load (i32.const 512)) (f32.load (i32.const 512)))";
const CANONICAL_64 = "7ff8000000000000";
const CANONICAL_32 = "7fc00000";
/** A signalling NaN with a payload, as data. */
const PAYLOAD_64 = "7ff4123456789abc";
const PAYLOAD_32 = "7fa12345";
const LOAD_64 = "(f64.load (i32.const 520))";
const LOAD_32 = "(f32.load (i32.const 528))";
const DATA = `(data (i32.const 520) "\\bc\\9a\\78\\56\\34\\12\\f4\\7f\\45\\23\\a1\\7f")`;

const wide = (body: string, fields = "") => words(reactor(`${body} (i64.const 8)`, `${DATA} ${fields}`), 8);
const narrow = (body: string, fields = "") => words(reactor(`${body} (i64.const 4)`, `${DATA} ${fields}`), 4);
const store64 = (value: string) => `(f64.store (i32.const 0) ${value})`;
const store32 = (value: string) => `(f32.store (i32.const 0) ${value})`;

describe("a NaN that arithmetic made is canonical when its bits show", () => {
  const cases: [where: string, body: string, fields?: string][] = [
    ["in a store", store64(NAN_64)],
    ["in a reinterpretation", `(i64.store (i32.const 0) (i64.reinterpret_f64 ${NAN_64}))`],
    ["through a local", `(local $x f64) (local.set $x ${NAN_64}) ${store64("(local.get $x)")}`],
    ["through a tee", `(local $x f64) (local.tee $x ${NAN_64}) drop ${store64("(local.get $x)")}`],
    [
      "through copied locals",
      `(local $x f64) (local $y f64) (local.set $x ${NAN_64}) (local.set $y (local.get $x)) ${store64("(local.get $y)")}`,
    ],
    [
      "through a local that also holds copies",
      `(local $x f64) (local.set $x ${LOAD_64}) (local.set $x ${NAN_64}) ${store64("(local.get $x)")}`,
    ],
    [
      "through a parameter's local",
      `(call $f ${LOAD_64})`,
      `(func $f (param f64) (local.set 0 ${NAN_64}) ${store64("(local.get 0)")})`,
    ],
    ["as an argument", `(call $f ${NAN_64})`, `(func $f (param f64) ${store64("(local.get 0)")})`],
    [
      "as an argument below others",
      `(call $f ${NAN_64} (i32.const 7) ${NAN_64} (i64.const 1))`,
      `(func $f (param f64 i32 f64 i64) ${store64("(local.get 0)")})`,
    ],
    ["as a result", store64("(call $f)"), `(func $f (result f64) ${NAN_64})`],
    ["as an explicit result", store64("(call $f)"), `(func $f (result f64) (return ${NAN_64}))`],
    [
      "as a result of an indirect call",
      store64("(call_indirect (result f64) (i32.const 0))"),
      `(table 1 funcref) (elem (i32.const 0) $f) (func $f (result f64) ${NAN_64})`,
    ],
    [
      "as a tail call's argument",
      "(call $g)",
      `(func $f (param f64) ${store64("(local.get 0)")}) (func $g (return_call $f ${NAN_64}))`,
    ],
    ["in a global", `(global.set $g ${NAN_64}) ${store64("(global.get $g)")}`, "(global $g (mut f64) (f64.const 0))"],
    ["as a block's result", store64(`(block (result f64) (br_if 0 ${NAN_64} (i32.const 1)))`)],
    [
      "as a block's result by falling through",
      store64(`(block (result f64) (br_if 0 (f64.const 1) (i32.const 0)) drop ${NAN_64})`),
    ],
    ["as an if's result", store64(`(if (result f64) (i32.const 1) (then ${NAN_64}) (else ${LOAD_64}))`)],
    ["as an else's result", store64(`(if (result f64) (i32.const 0) (then ${LOAD_64}) (else ${NAN_64}))`)],
    [
      "as a loop's parameter",
      `(local $i i32) (local $x f64) ${NAN_64} (loop (param f64) (local.set $x) ${store64("(local.get $x)")} ${NAN_64} (br_if 0 (local.tee $i (i32.eqz (local.get $i)))) drop)`,
    ],
    ["selected from two of them", store64(`(select ${NAN_64} ${NAN_64} (i32.const 0))`)],
    ["selected against a copy", store64(`(select ${NAN_64} ${LOAD_64} (i32.const 1))`)],
    ["selected, below a copy", store64(`(select ${LOAD_64} ${NAN_64} (i32.const 0))`)],
    ["after negation", store64(`(f64.neg ${NAN_64})`)],
    ["after its absolute value", store64(`(f64.abs ${NAN_64})`)],
    ["after promotion", store64(`(f64.promote_f32 ${LOAD_32})`)],
    ["of a signalling operand", store64(`(f64.add ${LOAD_64} (f64.const 1))`)],
    ["of a square root", store64("(f64.sqrt (f64.const -1))")],
    ["of a minimum", store64(`(f64.min ${LOAD_64} (f64.const 1))`)],
    ["of rounding", store64(`(f64.floor ${LOAD_64})`)],
  ];
  for (const [where, body, fields] of cases) {
    it(where, async () => assert.deepEqual(await wide(body, fields), [CANONICAL_64]));
  }

  it("in 32 bits alike", async () => {
    assert.deepEqual(await narrow(store32(NAN_32)), [CANONICAL_32]);
    assert.deepEqual(await narrow(store32(`(f32.demote_f64 ${LOAD_64})`)), [CANONICAL_32]);
    assert.deepEqual(await narrow(`(i32.store (i32.const 0) (i32.reinterpret_f32 ${NAN_32}))`), [CANONICAL_32]);
  });

  it("when its sign is copied", async () => {
    assert.deepEqual(await wide(store64(`(f64.copysign (f64.const 2) ${NAN_64})`)), ["4000000000000000"]);
    assert.deepEqual(await wide(store64(`(f64.copysign ${NAN_64} (f64.const -1))`)), ["fff8000000000000"]);
  });
});

describe("a NaN that was given keeps its bits", () => {
  const cases: [how: string, body: string, fields?: string][] = [
    ["from load to store", store64(LOAD_64)],
    ["through a local", `(local $x f64) (local.set $x ${LOAD_64}) ${store64("(local.get $x)")}`],
    [
      "through a local that also holds arithmetic",
      `(local $x f64) (local.set $x ${NAN_64}) (local.set $x ${LOAD_64}) ${store64("(local.get $x)")}`,
    ],
    [
      "through a copy of such a local",
      `(local $x f64) (local $y f64) (local.set $x ${NAN_64}) (local.set $x ${LOAD_64}) (local.set $y (local.get $x)) ${store64("(local.get $y)")}`,
    ],
    ["selected against arithmetic", store64(`(select ${LOAD_64} ${NAN_64} (i32.const 1))`)],
    ["selected below arithmetic", store64(`(select ${NAN_64} ${LOAD_64} (i32.const 0))`)],
    [
      "through calls, globals and blocks",
      `(global.set $g (block (result f64) (call $f ${LOAD_64}))) ${store64("(global.get $g)")}`,
      "(global $g (mut f64) (f64.const 0)) (func $f (param f64) (result f64) (local.get 0))",
    ],
    ["as a constant", store64("(f64.const nan:0x4123456789abc)")],
    [
      "as a constant in a local",
      `(local $x f64) (local.set $x (f64.const nan:0x4123456789abc)) ${store64("(local.get $x)")}`,
    ],
    ["reinterpreted", store64(`(f64.reinterpret_i64 (i64.const 0x${PAYLOAD_64}))`)],
    ["negated twice", store64(`(f64.neg (f64.neg ${LOAD_64}))`)],
    [
      "below an arithmetic NaN in a call",
      `(call $f ${LOAD_64} ${NAN_64})`,
      `(func $f (param f64 f64) ${store64("(local.get 0)")})`,
    ],
    ["in a vector", `(v128.store (i32.const 0) (f64x2.splat ${LOAD_64}))`],
    [
      "replaced into an arithmetic vector",
      `(v128.store (i32.const 0) (f64x2.replace_lane 0 (f64x2.add (v128.const i64x2 0 0) (f64x2.splat ${LOAD_64})) ${LOAD_64}))`,
    ],
  ];
  for (const [how, body, fields] of cases) {
    it(how, async () => assert.deepEqual(await wide(body, fields), [PAYLOAD_64]));
  }

  it("negated, with the sign alone changed", async () => {
    assert.deepEqual(await wide(store64(`(f64.neg ${LOAD_64})`)), ["fff4123456789abc"]);
  });

  it("in 32 bits alike", async () => {
    assert.deepEqual(await narrow(store32(LOAD_32)), [PAYLOAD_32]);
    assert.deepEqual(await narrow(`(local $x f32) (local.set $x ${LOAD_32}) ${store32("(local.get $x)")}`), [
      PAYLOAD_32,
    ]);
  });
});

describe("a vector's lanes follow the same rules", () => {
  const vector = (value: string, lanes: 4 | 8, fields = "") =>
    words(reactor(`(v128.store (i32.const 0) ${value}) (i64.const 16)`, `${DATA} ${fields}`), lanes);
  const V_NAN_32 = "(f32x4.div (v128.load (i32.const 512)) (v128.const i32x4 0 0x3f800000 0 0x3f800000))";
  const V_NAN_64 = "(f64x2.div (v128.load (i32.const 256)) (v128.const i64x2 0 0x3ff0000000000000))";
  const lanes32 = [CANONICAL_32, "00000000", "7f800000", CANONICAL_32];
  const lanes64 = [CANONICAL_64, "0000000000000000"];

  it("in stores", async () => {
    // Lanes: 0/0, 0/1, a number/0, NaN/1.
    assert.deepEqual(await vector(V_NAN_32, 4), lanes32);
    assert.deepEqual(await vector(V_NAN_64, 8), lanes64);
  });

  it("in integer operations, shuffles and bit selections", async () => {
    const zero = "(v128.const i64x2 0 0)";
    assert.deepEqual(await vector(`(v128.or ${V_NAN_32} ${zero})`, 4), lanes32);
    assert.deepEqual(await vector(`(v128.xor ${zero} ${V_NAN_64})`, 8), lanes64);
    assert.deepEqual(
      await vector(`(i8x16.shuffle 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 ${V_NAN_64} ${V_NAN_32})`, 8),
      lanes64,
    );
    assert.deepEqual(await vector(`(v128.bitselect ${V_NAN_64} ${V_NAN_64} ${zero})`, 8), lanes64);
  });

  it("when read as the other width", async () => {
    // The low half of a canonical f64 NaN is 0 as an f32.
    assert.deepEqual(await vector(`(f32x4.abs ${V_NAN_64})`, 4), ["00000000", "7ff80000", "00000000", "00000000"]);
    assert.deepEqual((await vector(`(f64x2.abs ${V_NAN_32})`, 8))[0], "000000007fc00000");
  });

  it("when a lane leaves or enters", async () => {
    assert.deepEqual(await narrow(store32(`(f32x4.extract_lane 3 ${V_NAN_32})`)), [CANONICAL_32]);
    assert.deepEqual(await wide(store64(`(f64x2.extract_lane 0 ${V_NAN_64})`)), [CANONICAL_64]);
    assert.deepEqual(await vector(`(f64x2.splat ${NAN_64})`, 8), [CANONICAL_64, CANONICAL_64]);
    assert.deepEqual(await vector(`(f32x4.replace_lane 1 (v128.load (i32.const 520)) ${NAN_32})`, 4), [
      "56789abc",
      CANONICAL_32,
      PAYLOAD_32,
      "00000000",
    ]);
  });

  it("through locals of one and of both widths", async () => {
    assert.deepEqual(
      await words(
        reactor(
          `(local $v v128) (local.set $v ${V_NAN_32}) (v128.store (i32.const 0) (local.get $v)) (i64.const 16)`,
          DATA,
        ),
        4,
      ),
      lanes32,
    );
    const both = `(local $v v128) (local.set $v ${V_NAN_32}) (local.set $v ${V_NAN_64}) (v128.store (i32.const 0) (local.get $v)) (i64.const 16)`;
    assert.deepEqual(await words(reactor(both, DATA), 8), lanes64);
  });

  it("in pseudo-minimum and -maximum, which pick a lane as it is", async () => {
    const data = "(v128.load (i32.const 520))";
    assert.deepEqual((await vector(`(f64x2.pmin ${data} (v128.const i64x2 0 0))`, 8))[0], PAYLOAD_64);
    assert.deepEqual((await vector(`(f64x2.pmax ${V_NAN_64} ${data})`, 8))[0], CANONICAL_64);
  });
});
