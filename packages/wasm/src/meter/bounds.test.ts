import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { STATUS, statusName } from "@demec/protocol/execution";
import { request } from "../testing/request.ts";
import { run, statusOf, words } from "../testing/run.ts";
import { reactor, wat } from "../testing/wat.ts";
import { LENGTH_WEIGHTS } from "./weights.ts";

const KERNEL = reactor(
  `(local $i i32) (local $x f64)
  (loop $l
    (local.set $x (f64.add (f64.sqrt (local.get $x)) (f64.convert_i32_u (local.get $i))))
    (call $fill (local.get $i))
    (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 100))))
  (f64.store (i32.const 0) (local.get $x))
  (i64.const 8)`,
  `(func $fill (param i32) (memory.fill (i32.const 2048) (local.get 0) (i32.mul (local.get 0) (i32.const 8))))`,
);

describe("work", () => {
  it("is counted the same in every run", async () => {
    const first = await run(KERNEL);
    for (let i = 0; i < 5; i++) assert.deepEqual(await run(KERNEL), first);
  });

  it("may take exactly its limit, and one less is out of fuel with exactly the limit charged", async () => {
    const { bitOps, floatOps } = await run(KERNEL);
    assert.equal(await statusOf(KERNEL, request({ limits: { bitOps, floatOps } })), "ok");
    for (const limits of [
      { bitOps: bitOps - 1n, floatOps },
      { bitOps, floatOps: floatOps - 1n },
    ]) {
      const short = await run(KERNEL, request({ limits }));
      assert.equal(statusName(short.status), "outOfFuel");
      assert.equal(short.output.length, 0);
      assert.ok(short.bitOps <= limits.bitOps && short.floatOps <= limits.floatOps);
      assert.ok(short.bitOps === limits.bitOps || short.floatOps === limits.floatOps);
    }
  });

  it("counts whatever the limit: no limit changes a count that stays below it", async () => {
    const { bitOps, floatOps } = await run(KERNEL);
    const most = await run(KERNEL, request({ limits: { bitOps: 2n ** 64n - 1n, floatOps: 2n ** 64n - 1n } }));
    assert.deepEqual([most.status, most.bitOps, most.floatOps], [STATUS.ok, bitOps, floatOps]);
  });

  it("is out of fuel before it begins when the limit is below the price of an instance", async () => {
    const outcome = await run(KERNEL, request({ limits: { bitOps: 5n, floatOps: 0n } }));
    assert.deepEqual([outcome.status, outcome.bitOps, outcome.floatOps], [STATUS.outOfFuel, 5n, 0n]);
  });

  it("is charged up to the very segment that traps", async () => {
    const body = (trap: string) => `(local $i i32) (local $x f64)
      (loop $l
        (local.set $x (f64.mul (local.get $x) (f64.const 2)))
        ${trap}
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 50))))
      (i64.const 0)`;
    const whole = await run(reactor(body("(drop (i32.div_u (i32.const 1) (i32.sub (i32.const 50) (local.get $i))))")));
    const trapped = await run(
      reactor(body("(drop (i32.div_u (i32.const 1) (i32.sub (i32.const 49) (local.get $i))))")),
    );
    assert.equal(whole.status, STATUS.ok);
    assert.equal(trapped.status, STATUS.divisionByZero);
    // The last turn of the loop is charged as a whole when it begins; what follows the loop is not reached.
    assert.equal(trapped.floatOps, whole.floatOps);
    assert.equal(whole.bitOps - trapped.bitOps, 1n);
  });
});

describe("an endless loop stops when it is", () => {
  const loops: [shape: string, body: string, fields?: string][] = [
    ["empty", "(loop (br 0)) unreachable"],
    ["conditional", "(loop (br_if 0 (i32.const 1))) (i64.const 0)"],
    ["a branch table's", "(loop (br_table 0 0 0 (i32.const 2))) unreachable"],
    ["nested", "(loop (loop (br 1))) unreachable"],
    ["left and entered again", "(loop (block (loop (br 1))) (br 0)) unreachable"],
    ["in an if", "(loop (if (i32.const 1) (then (br 1)))) (i64.const 0)"],
    ["with parameters", "(i32.const 1) (loop (param i32) (br 0)) unreachable"],
    ["float work alone", "(local f64) (loop (local.set 2 (f64.add (local.get 2) (f64.const 1))) (br 0)) unreachable"],
    ["tail calls", "(return_call $handle (local.get 0) (local.get 1))"],
    [
      "mutual tail calls",
      "(return_call $a)",
      "(func $a (result i64) (return_call $b)) (func $b (result i64) (return_call $a))",
    ],
    [
      "indirect tail calls",
      "(return_call_indirect (result i64) (i32.const 0))",
      "(table 1 funcref) (elem (i32.const 0) $a) (func $a (result i64) (return_call_indirect (result i64) (i32.const 0)))",
    ],
    [
      "exponential calls",
      "(call $f (i32.const 200)) (i64.const 0)",
      "(func $f (param i32) (if (local.get 0) (then (call $f (i32.sub (local.get 0) (i32.const 1))) (call $f (i32.sub (local.get 0) (i32.const 1))))))",
    ],
    ["calls of leaves", "(loop (call $f) (br 0)) unreachable", "(func $f)"],
    ["in the start function", "(i64.const 0)", "(func $s (loop (br 0))) (start $s)"],
    ["bulk fills", "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br 0)) unreachable"],
    ["bulk copies", "(loop (memory.copy (i32.const 0) (i32.const 8) (i32.const 65000)) (br 0)) unreachable"],
    [
      "table fills",
      "(loop (table.fill 0 (i32.const 0) (ref.null func) (i32.const 1000)) (br 0)) unreachable",
      "(table 1000 funcref)",
    ],
    ["denied growth", "(loop (drop (memory.grow (i32.const 65536))) (br 0)) unreachable"],
  ];
  for (const [shape, body, fields] of loops) {
    it(shape, async () => {
      const limits = { bitOps: 3_000_000n, floatOps: 3_000_000n };
      const outcome = await run(reactor(body, fields), request({ limits }));
      assert.equal(statusName(outcome.status), "outOfFuel");
      assert.ok(outcome.bitOps === limits.bitOps || outcome.floatOps === limits.floatOps);
    });
  }

  it("in _initialize and alloc", async () => {
    for (const where of [
      `(func (export "_initialize") (loop (br 0))) (func (export "alloc") (param i32) (result i32) (i32.const 0))`,
      `(func (export "alloc") (param i32) (result i32) (loop (br 0)) (unreachable))`,
    ]) {
      const module = wat(`(module (memory (export "memory") 1) ${where}
        (func (export "handle") (param i32 i32) (result i64) (i64.const 0)))`);
      assert.equal(await statusOf(module, request({ limits: { bitOps: 10n ** 6n } })), "outOfFuel");
    }
  });
});

describe("memory", () => {
  const grow = (pages: string) => `(i64.extend_i32_s (memory.grow (i32.const ${pages})))`;
  const store = (at: number, value: string) => `(i64.store (i32.const ${at}) ${value})`;

  it("grows up to the invocation's limit and is denied beyond, whatever the module declares", async () => {
    const body = `${store(0, grow("3"))} ${store(8, grow("13"))} ${store(16, grow("12"))} ${store(24, grow("-1"))}
      ${store(32, "(i64.extend_i32_s (memory.size))")} (i64.const 40)`;
    const minusOne = "ffffffffffffffff";
    const expected = ["0000000000000001", minusOne, "0000000000000004", minusOne, "0000000000000010"];
    assert.deepEqual(await words(reactor(body), 8, request({ limits: { memoryPages: 16 } })), expected);
    // The module's own maximum is the lower one.
    assert.deepEqual(await words(reactor(body, "", "1 16"), 8, request({ limits: { memoryPages: 99 } })), expected);
  });

  it("is paid for by the page before it is granted", async () => {
    const none = await run(reactor(`${grow("0")} drop (i64.const 0)`));
    const ten = await run(reactor(`${grow("10")} drop (i64.const 0)`));
    assert.equal(ten.bitOps - none.bitOps, 10n * BigInt(LENGTH_WEIGHTS.opsPerPage));
    const poor = await run(reactor(`${grow("10")} drop (i64.const 0)`), request({ limits: { bitOps: none.bitOps } }));
    assert.equal(poor.status, STATUS.outOfFuel);
  });

  it("larger than the limit from the start is refused before anything runs", async () => {
    await assert.rejects(run(reactor("(i64.const 0)", "", "17"), request({ limits: { memoryPages: 16 } })), {
      code: "wasm/memory-limit",
    });
  });

  it("operations in bulk are charged by length before they act", async () => {
    for (const [operation, fields] of [
      ["(memory.fill (i32.const 0) (i32.const 0) (local.get 0))", ""],
      ["(memory.copy (i32.const 0) (i32.const 0) (local.get 0))", ""],
    ]) {
      const module = (length: number) =>
        reactor(`(local.set 0 (i32.const ${length})) ${operation} (i64.const 0)`, fields);
      const [none, most] = [await run(module(0)), await run(module(64_000))];
      assert.equal(most.bitOps - none.bitOps, BigInt(64_000 / LENGTH_WEIGHTS.bytesPerOp));
      // Four GiB out of bounds: out of fuel wins over the trap, because it is due first.
      const flood = await run(module(0xffff_ffff), request({ limits: { bitOps: 10n ** 6n } }));
      assert.equal(flood.status, STATUS.outOfFuel);
    }
  });
});

describe("tables", () => {
  it("grow up to their maximum and the protocol's total, and are denied beyond", async () => {
    const grow = (at: number, table: number, elements: number) =>
      `(i64.store (i32.const ${at}) (i64.extend_i32_s (table.grow ${table} (ref.null func) (i32.const ${elements}))))`;
    const module = reactor(
      `${grow(0, 0, 3)} ${grow(8, 0, 4)} ${grow(16, 1, 900000)} ${grow(24, 1, 900000)} (i64.const 32)`,
      "(table 2 8 funcref) (table 0 funcref)",
    );
    assert.deepEqual(await words(module, 8), [
      "0000000000000002",
      "ffffffffffffffff",
      "0000000000000000",
      "ffffffffffffffff",
    ]);
  });

  it("of externref grow too", async () => {
    const module = reactor(
      "(i64.store (i32.const 0) (i64.extend_i32_s (table.grow 1 (ref.null extern) (i32.const 5)))) (i64.const 8)",
      "(table 2 funcref) (table 4 externref)",
    );
    assert.deepEqual(await words(module, 8), ["0000000000000004"]);
  });
});

describe("the call stack", () => {
  const deep = (frame: string, results = "") => reactor(`(call $f) (i64.const 0)`, `(func $f ${results} ${frame})`);
  const shapes: [string, Uint8Array][] = [
    ["bare frames", deep("(call $f)")],
    ["frames with many locals", deep(`(local ${"v128 ".repeat(500)}) (call $f)`)],
    ["frames with high operand stacks", deep(`${"(i64.const 1) ".repeat(900)} (call $f) ${"drop ".repeat(900)}`)],
    [
      "indirect calls",
      reactor(
        "(call_indirect (i32.const 0)) (i64.const 0)",
        "(table 1 funcref) (elem (i32.const 0) $f) (func $f (call_indirect (i32.const 0)))",
      ),
    ],
    ["mutual recursion", reactor("(call $a) (i64.const 0)", "(func $a (call $b)) (func $b (call $a))")],
    [
      "many parameters",
      reactor(
        `(call $f ${"(i64.const 1) ".repeat(900)}) (i64.const 0)`,
        `(func $f (param ${"i64 ".repeat(900)}) (call $f ${Array.from({ length: 900 }, (_, i) => `(local.get ${899 - i})`).join(" ")}))`,
      ),
    ],
  ];
  for (const [name, module] of shapes) {
    it(`overflows by the protocol's budget, not the engine's: ${name}`, async () => {
      assert.equal(await statusOf(module), "stackOverflow");
    });
  }

  it("is given back by every way out of a function", async () => {
    const module = reactor(
      `(local $i i32)
      (loop $l
        (call $falls) (call $returns) (drop (call $branches (local.get $i))) (call $tail) (call $ends)
        (br_if $l (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 1))) (i32.const 5000))))
      (i64.const 0)`,
      `(func $leaf)
      (func $falls (call $leaf))
      (func $returns (call $leaf) (if (i32.const 1) (then (return))) (call $leaf))
      (func $branches (param i32) (result i32)
        (call $leaf)
        (block (block (br_table 0 1 (i32.and (local.get 0) (i32.const 1)))) (br 1 (i32.const 1)))
        (i32.const 2))
      (func $tail (call $leaf) (return_call $falls))
      (func $ends (call $leaf) (loop (return)))`,
    );
    assert.equal(await statusOf(module), "ok");
  });

  it("holds a large leaf only when there is room", async () => {
    const leaf = `(func $leaf (local ${"i64 ".repeat(3000)}))`;
    assert.equal(await statusOf(reactor("(call $leaf) (call $leaf) (i64.const 0)", leaf)), "ok");
    assert.equal(
      await statusOf(reactor("(call $f) (i64.const 0)", `${leaf} (func $f (call $leaf) (call $f))`)),
      "stackOverflow",
    );
  });
});
