import type { DemecError } from "@demec/protocol/errors";
import type { Limits, StatusName } from "@demec/protocol/execution";
import { reactor, wat } from "./wat.ts";

/** A hostile module, and the only ends it may come to: a status with its charge, or a refusal before anything ran. */
export interface Animal {
  readonly name: string;
  readonly module: () => Uint8Array;
  readonly end: StatusName | DemecError["code"];
  readonly limits?: Partial<Limits>;
  /** What a command leaves behind, where it ends well. */
  readonly output?: Uint8Array;
}

const WASI = `
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $prestat (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_symlink" (func $symlink (param i32 i32 i32 i32 i32) (result i32)))`;

function command(body: string, fields = ""): Uint8Array {
  return wat(`(module ${WASI} (memory (export "memory") 32) ${fields} (func (export "_start") ${body}))`);
}

function leb(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...leb(value >>> 7)];
}

/** A reactor whose `handle` has these bytes before `i64.const 0`: what an assembler would take minutes over. */
function coded(locals: readonly number[], code: readonly number[]): Uint8Array {
  const name = (text: string) => [text.length, ...Buffer.from(text)];
  const section = (id: number, bytes: readonly number[]) => [id, ...leb(bytes.length), ...bytes];
  const body = [...locals, ...code, 0x42, 0x00, 0x0b];
  const alloc = [0x00, 0x41, 0x80, 0x08, 0x0b];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [2, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 2, 0x7f, 0x7f, 1, 0x7e]),
    ...section(3, [2, 0, 1]),
    ...section(5, [1, 0, 1]),
    ...section(7, [3, ...name("memory"), 2, 0, ...name("alloc"), 0, 0, ...name("handle"), 0, 1]),
    ...section(10, [2, alloc.length, ...alloc, ...leb(body.length), ...body]),
  ]);
}

const times = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join(" ");
const TRAVERSALS = ["../../etc/passwd", "/etc/shadow", "....//etc", "./../../proc/self/environ", "", "\\00x"];

/** Every file descriptor and path that might lead out; counts what succeeds into memory at 0 and writes it. */
const TRAVERSAL = command(
  `(local $fd i32)
  (loop $next
    ${times(TRAVERSALS.length, (i) => {
      const at = 1000 + i * 100;
      const path = `(i32.const ${at}) (i32.const ${Math.max(1, TRAVERSALS[i]!.length)})`;
      return `(call $count (call $open (local.get $fd) (i32.const 1) ${path} (i32.const 0) (i64.const -1) (i64.const -1)
          (i32.const 0) (i32.const 64)))
        (call $count (call $symlink ${path} (local.get $fd) ${path}))`;
    })}
    (call $count (call $prestat (local.get $fd) (i32.const 64)))
    (br_if $next (i32.lt_u (local.tee $fd (i32.add (local.get $fd) (i32.const 1))) (i32.const 64))))
  (i32.store (i32.const 16) (i32.const 0))
  (i32.store (i32.const 20) (i32.const 4))
  (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24)))`,
  `${times(TRAVERSALS.length, (i) => `(data (i32.const ${1000 + i * 100}) "${TRAVERSALS[i]}")`)}
  (func $count (param $errno i32)
    (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.eqz (local.get $errno)))))`,
);

const loops: Animal[] = Object.entries({
  "an empty loop": "(loop (br 0)) unreachable",
  "a loop by br_if": "(loop (br_if 0 (i32.const 1))) unreachable",
  "a loop by br_table": "(loop (br_table 0 0 0 (i32.const 1))) unreachable",
  "a hundred loops in one another": `${"(loop ".repeat(100)} (br 99) ${")".repeat(100)} unreachable`,
  "a loop out of a block in a loop": "(loop $l (block (block (br_if 1 (i32.const 1))) (br $l)) (br $l)) unreachable",
  "a loop of if and else": "(loop $l (if (memory.size) (then (br $l)) (else (br $l)))) unreachable",
  "a loop of calls": "(loop (call $nothing) (br 0)) unreachable",
  "a loop of indirect calls": "(loop (call_indirect (i32.const 0)) (br 0)) unreachable",
  "tail calls": "(return_call $handle (local.get 0) (local.get 1))",
  "indirect tail calls":
    "(return_call_indirect (param i32 i32) (result i64) (i32.const 1) (i32.const 2) (i32.const 1))",
  "a loop of memory.fill": "(loop (memory.fill (i32.const 0) (i32.const 1) (i32.const 65536)) (br 0)) unreachable",
  "a loop of memory.copy": "(loop (memory.copy (i32.const 0) (i32.const 9) (i32.const 65000)) (br 0)) unreachable",
  "a loop of memory.init": "(loop (memory.init $d (i32.const 0) (i32.const 0) (i32.const 5)) (br 0)) unreachable",
  "a loop of table.fill": "(loop (table.fill $t (i32.const 0) (ref.null func) (i32.const 900)) (br 0)) unreachable",
  "a loop of table.grow": "(loop (drop (table.grow $t (ref.null func) (i32.const 50000))) (br 0)) unreachable",
  "a loop of memory.grow": "(loop (drop (memory.grow (i32.const 1))) (br 0)) unreachable",
  "a loop of memory.grow by nothing": "(loop (drop (memory.grow (i32.const 0))) (br 0)) unreachable",
}).map(([name, body]) => ({
  name,
  end: "outOfFuel",
  module: () =>
    reactor(
      body,
      '(type (func)) (table $t 1000 funcref) (elem (i32.const 0) $nothing $handle) (data $d "hello") (func $nothing)',
    ),
}));

const floods: Animal[] = Object.entries({
  clocks: "(call $clock (i32.const 0) (i64.const 0) (i32.const 0))",
  randomness: "(call $random (i32.const 0) (i32.const 1000000))",
  "writes of nothing": "(call $write (i32.const 1) (i32.const 0) (i32.const 0) (i32.const 0))",
  "writes of a hundred thousand empty buffers":
    "(call $write (i32.const 1) (i32.const 0) (i32.const 100000) (i32.const 0))",
  "reads of nothing": "(call $read (i32.const 0) (i32.const 0) (i32.const 1000) (i32.const 0))",
  "paths that lead nowhere":
    "(call $open (i32.const 3) (i32.const 0) (i32.const 1000) (i32.const 4000) (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0))",
  "files made":
    "(call $open (i32.const 3) (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 1) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 0))",
  polls: "(call $poll (i32.const 0) (i32.const 500000) (i32.const 10000) (i32.const 0))",
  "bad addresses": "(call $write (i32.const 1) (i32.const -8) (i32.const 1) (i32.const -1))",
}).map(([name, call]) => ({
  name: `a flood of ${name}`,
  end: "outOfFuel",
  module: () => command(`(loop (drop ${call}) (br 0))`),
}));

const wide = (count: number) => `(local ${"i64 ".repeat(count)})`;
const touchAll = `(local $i i32)
  (loop $again (drop (memory.grow (i32.const 64)))
    (local.set $i (i32.const 0))
    (loop $next
      (i32.store8 (local.get $i) (i32.const 1))
      (br_if $next (i32.lt_u (local.tee $i (i32.add (local.get $i) (i32.const 4096)))
        (i32.mul (memory.size) (i32.const 65536)))))
    (br $again)) unreachable`;

export const ZOO: readonly Animal[] = [
  ...loops,
  ...floods,
  {
    name: "a loop in the start function",
    end: "outOfFuel",
    module: () => reactor("(i64.const 0)", "(func $s (loop (br 0))) (start $s)"),
  },
  {
    name: "a loop of float work alone",
    end: "outOfFuel",
    limits: { floatOps: 10n ** 6n },
    module: () =>
      reactor("(local f64) (loop (local.set 2 (f64.sqrt (f64.add (local.get 2) (f64.const 1)))) (br 0)) unreachable"),
  },
  { name: "recursion", end: "stackOverflow", module: () => reactor("(call $handle (local.get 0) (local.get 1))") },
  {
    name: "recursion of two",
    end: "stackOverflow",
    module: () =>
      reactor("(call $f)", "(func $f (result i64) (call $g)) (func $g (result i64) (i64.add (i64.const 1) (call $f)))"),
  },
  {
    name: "recursion with two thousand locals",
    end: "stackOverflow",
    module: () => reactor(`${wide(2000)} (call $handle (local.get 0) (local.get 1))`),
  },
  {
    name: "recursion under a thousand operands",
    end: "stackOverflow",
    module: () =>
      reactor(
        `${times(1000, (i) => `(i64.const ${i})`)} (call $handle (i32.const 0) (i32.const 0)) ${"i64.add ".repeat(1000)}`,
      ),
  },
  {
    name: "a memory bomb",
    end: "outOfFuel",
    limits: { memoryPages: 2048, bitOps: 10n ** 8n },
    module: () => reactor(touchAll),
  },
  {
    name: "more memory at once than allowed",
    end: "unreachable",
    module: () =>
      reactor("(if (i32.ne (memory.grow (i32.const 60000)) (i32.const -1)) (then (loop (br 0)))) unreachable"),
  },
  {
    name: "more memory from the beginning than allowed",
    end: "wasm/memory-limit",
    module: () => reactor("(i64.const 0)", "", "60000"),
  },
  {
    name: "a table of four billion",
    end: "wasm/invalid-module",
    module: () => reactor("(i64.const 0)", "(table 4294967295 funcref)"),
  },
  {
    name: "two hundred thousand functions",
    end: "wasm/over-limit",
    module: () => reactor("(i64.const 0)", "(func)".repeat(200_000)),
  },
  {
    name: "twenty thousand functions that run",
    end: "ok",
    module: () => reactor("(i64.const 0)", "(func (loop (br_if 0 (i32.const 0))))".repeat(20_000)),
  },
  { name: "fifty thousand locals", end: "wasm/over-limit", module: () => coded([0x01, ...leb(50_000), 0x7e], []) },
  {
    name: "ten thousand blocks in one another",
    end: "wasm/over-limit",
    module: () => coded([0x00], [...Array(10_000).fill([0x02, 0x40]).flat(), ...Array(10_000).fill(0x0b)]),
  },
  {
    name: "a branch table of two hundred thousand",
    end: "wasm/over-limit",
    module: () => coded([0x00], [0x02, 0x40, 0x20, 0x00, 0x0e, ...leb(200_000), ...Array(200_001).fill(0), 0x0b]),
  },
  {
    name: "a hundred branch tables of twenty thousand",
    end: "ok",
    module: () =>
      reactor(
        "(i64.const 0)",
        times(100, () => `(func (param i32) (block (br_table ${"0 1 ".repeat(10_000)} (local.get 0))))`),
      ),
  },
  {
    name: "a function of a megabyte",
    end: "ok",
    module: () => reactor(`${times(120_000, () => "(drop (i32.add (local.get 0) (i32.const 99999)))")} (i64.const 0)`),
  },
  {
    name: "a stdout flood",
    end: "outputLimitExceeded",
    module: () =>
      command(`(i32.store (i32.const 16) (i32.const 0)) (i32.store (i32.const 20) (i32.const 60000))
        (loop (drop (call $write (i32.const 1) (i32.const 16) (i32.const 1) (i32.const 24))) (br 0))`),
  },
  {
    name: "a stderr flood",
    end: "outputLimitExceeded",
    module: () =>
      command(`(i32.store (i32.const 16) (i32.const 0)) (i32.store (i32.const 20) (i32.const 60000))
        (loop (drop (call $write (i32.const 2) (i32.const 16) (i32.const 1) (i32.const 24))) (br 0))`),
  },
  // All that succeeds is to ask about descriptor 3, the root of the program's own files.
  { name: "WASI path traversal", end: "ok", output: Uint8Array.of(1, 0, 0, 0), module: () => TRAVERSAL },
  { name: "a result outside memory", end: "invalidResult", module: () => reactor("(i64.const -1)") },
  {
    name: "an import that is not there",
    end: "wasm/import-not-offered",
    module: () =>
      wat('(module (import "env" "system" (func (param i32))) (memory (export "memory") 1) (func (export "_start")))'),
  },
];
