/** Hostile modules end the same way on V8, Wasmtime and in Chromium: within their limits, by a status, never by a fault of the host. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type StatusName, statusName } from "@demec/protocol/execution";
import { request } from "../../packages/wasm/src/testing/request.ts";
import { reactor, wat } from "../../packages/wasm/src/testing/wat.ts";
import { Both, repeatInChromium, skip } from "./support.ts";

/** A reactor with imports, which come before all else. */
const importing = (imports: string, body: string, fields = "", pages = "1") =>
  wat(`(module ${imports} (memory (export "memory") ${pages}) ${fields}
    (func (export "alloc") (param i32) (result i32) (i32.const 1024))
    (func (export "handle") (param i32 i32) (result i64) ${body}))`);

const limits = { bitOps: 3n * 10n ** 7n, floatOps: 10n ** 7n, memoryPages: 64 };
const ITSELF = "(call $handle (local.get 0) (local.get 1))";
const WASI = (name: string, type: string) =>
  `(import "wasi_snapshot_preview1" "${name}" (func $${name} (param ${type}) (result i32)))`;

/** Sums that are needed again after the recursive call: an optimising compiler keeps all of them on the native stack. */
const manyLive = (count: number) => {
  const sums = Array.from({ length: count }, (_, i) => `(i32.mul (local.get 0) (i32.const ${i * 2 + 3}))`);
  const all = (at: number) => sums.map((sum, i) => `(i32.store offset=${at + i * 4} (i32.const 0) ${sum})`).join("\n");
  return `${all(4096)} (drop ${ITSELF}) ${all(32768)} (i64.const 0)`;
};
const nested = (depth: number) =>
  `${"(block ".repeat(depth)} (br ${depth - 1}) ${")".repeat(depth)} (loop (br 0)) unreachable`;
const locals = (count: number, type: string) => `(local ${`${type} `.repeat(count)})`;
const uses = (count: number, type: string) =>
  Array.from({ length: count }, (_, i) => `(local.set ${i + 2} (${type}.load offset=${i * 8} (local.get 0)))`).join(
    "\n",
  ) +
  `(drop ${ITSELF})` +
  Array.from({ length: count }, (_, i) => `(${type}.store offset=${i * 8} (i32.const 0) (local.get ${i + 2}))`).join(
    "\n",
  );

/** See "The call stack" in docs/meter.md. */
const MANY_LIVE = "recursion with 1,000 values that stay alive";

const ZOO: readonly [name: string, status: StatusName, module: () => Uint8Array][] = [
  ["endless loop", "outOfFuel", () => reactor("(loop (br 0)) unreachable")],
  ["endless loop by br_if", "outOfFuel", () => reactor("(loop (br_if 0 (i32.const 1))) unreachable")],
  ["endless loop by br_table", "outOfFuel", () => reactor("(loop (br_table 0 0 0 (i32.const 7))) unreachable")],
  ["loops inside one another", "outOfFuel", () => reactor("(loop (loop (loop (br 2)))) unreachable")],
  ["endless loop behind many blocks", "outOfFuel", () => reactor(nested(100))],
  [
    "endless float loop",
    "outOfFuel",
    () => reactor("(local f64) (loop (local.set 2 (f64.sqrt (local.get 2))) (br 0)) unreachable"),
  ],
  ["endless tail calls", "outOfFuel", () => reactor("(return_call $handle (local.get 0) (local.get 1))")],
  [
    "endless indirect tail calls",
    "outOfFuel",
    () =>
      reactor(
        "(return_call_indirect (type $t) (local.get 0) (local.get 1) (i32.const 0))",
        "(type $t (func (param i32 i32) (result i64))) (table 1 funcref) (elem (i32.const 0) $handle)",
      ),
  ],
  ["endless start function", "outOfFuel", () => reactor("(i64.const 0)", "(func $s (loop (br 0))) (start $s)")],
  ["endless initialiser", "outOfFuel", () => reactor("(i64.const 0)", `(func (export "_initialize") (loop (br 0)))`)],
  ["recursion", "stackOverflow", () => reactor(ITSELF)],
  [
    "recursion through a table",
    "stackOverflow",
    () =>
      reactor(
        "(call_indirect (type $t) (local.get 0) (local.get 1) (i32.const 0))",
        "(type $t (func (param i32 i32) (result i64))) (table 1 funcref) (elem (i32.const 0) $handle)",
      ),
  ],
  [
    "mutual recursion",
    "stackOverflow",
    () => reactor("(call $g)", "(func $g (result i64) (call $handle (i32.const 1) (i32.const 2)))"),
  ],
  [
    "recursion with 1,000 locals",
    "stackOverflow",
    () => reactor(`${locals(1000, "i64")} ${uses(1000, "i64")} (i64.const 0)`, "", "2"),
  ],
  [
    "recursion with 1,000 vectors",
    "stackOverflow",
    () => reactor(`${locals(1000, "v128")} ${uses(1000, "v128")} (i64.const 0)`, "", "2"),
  ],
  [MANY_LIVE, "stackOverflow", () => reactor(manyLive(1000), "", "4")],
  [
    "recursion in the start function",
    "stackOverflow",
    () => reactor("(i64.const 0)", "(func $s (call $s)) (start $s)"),
  ],
  ["memory bomb", "outOfFuel", () => reactor("(loop (drop (memory.grow (i32.const 1))) (br 0)) unreachable")],
  [
    "memory of more than the limit",
    "ok",
    () => reactor("(i64.extend_i32_u (i32.add (memory.grow (i32.const 65535)) (i32.const 1)))"),
  ],
  [
    "table bomb",
    "outOfFuel",
    () =>
      reactor("(loop (drop (table.grow (ref.null func) (i32.const 100000))) (br 0)) unreachable", "(table 1 funcref)"),
  ],
  [
    "externref table bomb",
    "outOfFuel",
    () =>
      reactor(
        "(loop (drop (table.grow (ref.null extern) (i32.const 100000))) (br 0)) unreachable",
        "(table 1 externref)",
      ),
  ],
  [
    "bulk fills",
    "outOfFuel",
    () => reactor("(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 4000000)) (br 0)) unreachable", "", "64"),
  ],
  [
    "bulk copies",
    "outOfFuel",
    () => reactor("(loop (memory.copy (i32.const 0) (i32.const 1) (i32.const 4000000)) (br 0)) unreachable", "", "64"),
  ],
  [
    "fill beyond memory",
    "memoryOutOfBounds",
    () => reactor("(memory.fill (i32.const 0) (i32.const 1) (i32.const 65537)) (i64.const 0)"),
  ],
  [
    "table copies",
    "outOfFuel",
    () =>
      reactor(
        "(loop (table.copy (i32.const 0) (i32.const 1) (i32.const 99999)) (br 0)) unreachable",
        "(table 100000 funcref)",
      ),
  ],
  [
    "giant br_table",
    "outOfFuel",
    () => reactor(`(loop $l (block $b (br_table ${"$b $l ".repeat(30_000)} $l (local.get 1))) (br $l)) unreachable`),
  ],
  [
    "host-call flood",
    "outOfFuel",
    () => importing(WASI("sched_yield", ""), "(loop (drop (call $sched_yield)) (br 0)) unreachable"),
  ],
  [
    "random flood",
    "outOfFuel",
    () =>
      importing(
        WASI("random_get", "i32 i32"),
        "(loop (drop (call $random_get (i32.const 0) (i32.const 65536))) (br 0)) unreachable",
      ),
  ],
  [
    "stdout flood",
    "outputLimitExceeded",
    () =>
      importing(
        WASI("fd_write", "i32 i32 i32 i32"),
        "(i32.store (i32.const 4) (i32.const 60000)) (loop (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))) (br 0)) unreachable",
      ),
  ],
  [
    "flood of buffers",
    "outOfFuel",
    () =>
      importing(
        WASI("fd_write", "i32 i32 i32 i32"),
        "(loop (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 500000) (i32.const 8))) (br 0)) unreachable",
        "",
        "64",
      ),
  ],
  [
    "path traversal",
    "ok",
    () =>
      importing(
        WASI("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"),
        "(if (i32.ne (call $path_open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 16) (i32.const 0) (i64.const -1) (i64.const -1) (i32.const 0) (i32.const 20)) (i32.const 76)) (then unreachable)) (i64.const 0)",
        `(data (i32.const 0) "../../etc/passwd")`,
      ),
  ],
  [
    "exit in the depth",
    "exitCode",
    () =>
      wat(`(module (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32))) (memory (export "memory") 1)
      (func $f (param i32) (if (i32.eqz (local.get 0)) (then (call $exit (i32.const 7)))) (call $f (i32.sub (local.get 0) (i32.const 1))))
      (func (export "_start") (call $f (i32.const 500))))`),
  ],
  ["data beyond memory", "memoryOutOfBounds", () => reactor("(i64.const 0)", `(data (i32.const 65535) "abc")`)],
  [
    "elements beyond the table",
    "tableOutOfBounds",
    () => reactor("(i64.const 0)", "(table 1 funcref) (elem (i32.const 1) $handle)"),
  ],
];

describe("hostile modules on both engines", { skip }, () => {
  for (const [name, status, module] of ZOO) {
    it(`${name}: ${status}`, async () => {
      const both = await Both.compile(module(), name === MANY_LIVE);
      const shape = status === "exitCode" ? "command" : "reactor";
      const outcome = both.outcome(request({ shape, limits }));
      assert.equal(statusName(outcome.status), status);
      // And with a tenth of the work, whatever that is.
      both.outcome(request({ shape, limits: { ...limits, bitOps: outcome.bitOps / 10n } }));
    });
  }

  it("external references are no memory of the program's: one page is enough", async () => {
    const module = reactor(
      "(drop (table.grow (ref.null extern) (i32.const 1000))) (table.set (i32.const 5) (ref.null extern)) (i64.const 0)",
      "(table 1 externref) (global (mut externref) (ref.null extern))",
    );
    const both = await Both.compile(module);
    const outcome = both.outcome(request({ limits: { ...limits, memoryPages: 1 } }));
    assert.equal(statusName(outcome.status), "ok");
  });

  repeatInChromium();
});
