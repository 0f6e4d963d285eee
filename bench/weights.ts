/**
 * What the instructions of each weight class cost on V8's optimising compiler, against i32.add in the same run: the
 * measurement behind the table of weights (packages/wasm/src/meter/weights.ts). Prints; writes bench/results/weights.json.
 *
 * Four chains of dependent operations run side by side, as compiled code has them on average: an operation's figure is
 * between its latency and its throughput.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { LENGTH_WEIGHTS, WEIGHTS, type WeightClassName } from "../packages/wasm/src/meter/weights.ts";
import { wat } from "../packages/wasm/src/testing/wat.ts";
import { median } from "./median.ts";

// Tiering and inlining would measure something else than the instruction.
setFlagsFromString("--no-liftoff");
setFlagsFromString("--no-wasm-inlining");
setFlagsFromString("--no-wasm-loop-unrolling");

const CHAINS = 4;
/** Operations of every chain in one turn of the loop. */
const DEPTH = 12;
const TURNS = 60_000;
const ROUNDS = 15;

interface Probe {
  readonly weightClass: WeightClassName;
  readonly name: string;
  /** Type of the chains. */
  readonly type: string;
  /** What a link makes of its chain `$c`; `$k` is a local of the same type that stays as it is. */
  readonly link: string;
  /** Work of other classes in a link, in units of i32.add, that is not the instruction's own. */
  readonly besides?: number;
}

const c = "(local.get $c)";
const k = "(local.get $k)";
const binary = (weightClass: WeightClassName, name: string): Probe => ({
  weightClass,
  name,
  type: name.split(".")[0]!.includes("x") ? "v128" : name.split(".")[0]!,
  link: `(${name} ${c} ${k})`,
});
const unary = (weightClass: WeightClassName, name: string): Probe => ({
  ...binary(weightClass, name),
  link: `(${name} ${c})`,
});
const masked = `(i32.and ${c} (i32.const 0xff0))`;

const PROBES: readonly Probe[] = [
  binary("alu", "i32.add"),
  binary("alu", "i64.xor"),
  binary("shift", "i32.shl"),
  { weightClass: "alu", name: "i32.lt_s", type: "i32", link: `(i32.lt_s ${c} ${k})` },
  unary("count", "i32.clz"),
  unary("count", "i64.popcnt"),
  {
    weightClass: "move",
    name: "select",
    type: "i32",
    link: `(select ${c} ${k} (i32.and ${c} (i32.const 2)))`,
    besides: 1,
  },
  binary("multiply", "i32.mul"),
  binary("multiply", "i64.mul"),
  {
    weightClass: "divide",
    name: "i32.div_u",
    type: "i32",
    link: `(i32.or (i32.div_u ${c} ${k}) (i32.const 0x70000001))`,
    besides: 1,
  },
  {
    weightClass: "divide",
    name: "i32.rem_s",
    type: "i32",
    link: `(i32.or (i32.rem_s ${c} ${k}) (i32.const 0x70000001))`,
    besides: 1,
  },
  {
    weightClass: "divide-long",
    name: "i64.div_s",
    type: "i64",
    link: `(i64.or (i64.div_s ${c} ${k}) (i64.const 0x7000000000000001))`,
    besides: 1,
  },
  { weightClass: "load", name: "i32.load", type: "i32", link: `(i32.load ${masked})`, besides: 1 },
  { weightClass: "load", name: "i64.load8_u", type: "i32", link: `(i32.wrap_i64 (i64.load8_u ${masked}))`, besides: 2 },
  {
    weightClass: "store",
    name: "i32.store",
    type: "i32",
    link: `(i32.add ${c} ${k}) (i32.store offset=8192 ${masked} ${k})`,
    besides: 2,
  },
  { weightClass: "global", name: "global.get", type: "i32", link: `(i32.add ${c} (global.get $g))`, besides: 1 },
  {
    weightClass: "global",
    name: "global.set",
    type: "i32",
    link: `(i32.add ${c} ${k}) (global.set $g ${c})`,
    besides: 1,
  },
  {
    weightClass: "branch",
    name: "br_if",
    type: "i32",
    link: `(i32.add ${c} ${k}) (br_if $out (i32.eq ${c} (i32.const 77)))`,
    besides: 2,
  },
  {
    weightClass: "branch-table",
    name: "br_table",
    type: "i32",
    link: `(i32.add ${c} ${k}) (block $a (block $b (block $d (br_table $a $b $d (i32.and ${c} (i32.const 1))))))`,
    besides: 2,
  },
  { weightClass: "call", name: "call", type: "i32", link: `(call $f ${c})`, besides: 1 },
  {
    weightClass: "call-indirect",
    name: "call_indirect",
    type: "i32",
    link: `(call_indirect $t (param i32) (result i32) ${c} (i32.const 0))`,
    besides: 1,
  },
  {
    weightClass: "table",
    name: "table.get",
    type: "i32",
    link: `(i32.add ${c} (ref.is_null (table.get $t (i32.and ${c} (i32.const 1)))))`,
    besides: 3,
  },
  {
    weightClass: "memory-grow",
    name: "memory.grow",
    type: "i32",
    link: `(i32.add ${c} (memory.grow (i32.const 0)))`,
    besides: 1,
  },
  {
    weightClass: "bulk",
    name: "memory.fill",
    type: "i32",
    link: `(i32.add ${c} ${k}) (memory.fill (i32.const 64) (i32.const 1) (i32.and ${c} (i32.const 7)))`,
    besides: 2,
  },
  {
    weightClass: "bulk",
    name: "memory.copy",
    type: "i32",
    link: `(i32.add ${c} ${k}) (memory.copy (i32.const 64) (i32.const 96) (i32.and ${c} (i32.const 7)))`,
    besides: 2,
  },
  binary("vector-alu", "i32x4.add"),
  binary("vector-alu", "i8x16.min_u"),
  binary("vector-multiply", "i16x8.mul"),
  binary("vector-multiply-wide", "i32x4.mul"),
  binary("vector-multiply-wide", "i64x2.mul"),
  {
    weightClass: "vector-shuffle",
    name: "i8x16.shuffle",
    type: "v128",
    link: `(i8x16.shuffle 0 17 2 19 4 21 6 23 8 25 10 27 12 29 14 31 ${c} ${k})`,
  },
  binary("vector-swizzle", "i8x16.swizzle"),
  {
    weightClass: "vector-load",
    name: "v128.load",
    type: "v128",
    link: `(v128.xor ${c} (v128.load (i32.const 64)))`,
    besides: 1,
  },
  {
    weightClass: "vector-store",
    name: "v128.store",
    type: "v128",
    link: `(v128.xor ${c} ${k}) (v128.store (i32.const 64) ${c})`,
    besides: 1,
  },
  binary("float-add", "f32.add"),
  binary("float-add", "f64.mul"),
  {
    weightClass: "float-compare",
    name: "f64.lt",
    type: "i32",
    link: `(i32.add ${c} (f64.lt (f64.load (i32.const 64)) (f64.load (i32.const 72))))`,
    besides: 5,
  },
  unary("float-sign", "f64.neg"),
  binary("float-sign", "f64.copysign"),
  binary("float-minmax", "f32.min"),
  binary("float-minmax", "f64.max"),
  unary("float-round", "f64.floor"),
  unary("float-round", "f32.nearest"),
  binary("float-divide", "f32.div"),
  binary("float-divide", "f64.div"),
  unary("float-divide", "f64.sqrt"),
  {
    weightClass: "float-truncate",
    name: "i32.trunc_f64_s + f64.convert_i32_s",
    type: "f64",
    link: `(f64.convert_i32_s (i32.trunc_f64_s ${c}))`,
  },
  {
    weightClass: "float-truncate",
    name: "i64.trunc_sat_f64_u + f64.convert_i64_u",
    type: "f64",
    link: `(f64.convert_i64_u (i64.trunc_sat_f64_u ${c}))`,
  },
  {
    weightClass: "float-convert",
    name: "f64.promote_f32 + f32.demote_f64",
    type: "f32",
    link: `(f32.demote_f64 (f64.promote_f32 ${c}))`,
  },
  binary("vector-float-add", "f32x4.add"),
  binary("vector-float-add", "f64x2.mul"),
  binary("vector-float-compare", "f32x4.lt"),
  unary("vector-float-sign", "f64x2.abs"),
  binary("vector-float-minmax", "f32x4.min"),
  binary("vector-float-compare", "f64x2.pmax"),
  unary("vector-float-round", "f32x4.ceil"),
  binary("vector-float-divide", "f32x4.div"),
  unary("vector-float-divide", "f64x2.sqrt"),
  unary("vector-float-convert", "i32x4.trunc_sat_f32x4_s"),
  unary("vector-float-convert", "f32x4.convert_i32x4_u"),
];
/** Probes whose link is two instructions of the class. */
const PAIRS = /\+/;

/** Start of the chains and of `$k`: read from a mutable global, so that nothing is known of them. */
const CONSTANTS: Readonly<Record<string, string>> = {
  i32: "(i32.const 3)",
  i64: "(i64.const 3)",
  f32: "(f32.const 1)",
  f64: "(f64.const 1)",
  v128: "(v128.const f32x4 1 1 1 1)",
};

/** A function that runs `turns` turns of the links of all chains. */
function program({ type, link }: Probe): (turns: number) => void {
  const chains = Array.from({ length: CHAINS }, (_, i) => `$c${i}`);
  const links = Array.from({ length: DEPTH }, () =>
    chains.map((chain) => {
      const [value, ...rest] = split(link.replaceAll("$c)", `${chain})`));
      return `(local.set ${chain} ${value}) ${rest.join(" ")}`;
    }),
  ).flat();
  const text = `(module (memory 1) (global $g (mut i32) (i32.const 5)) (table $t 2 funcref) (elem (i32.const 0) $f)
    (func $f (param i32) (result i32) (i32.add (local.get 0) (i32.const 1)))
    (func (export "run") (param $turns i32) ${chains.map((chain) => `(local ${chain} ${type})`).join(" ")} (local $k ${type})
      (local.set $k (global.get $s_${type}))
      ${chains.map((chain) => `(local.set ${chain} (global.get $s_${type}))`).join(" ")}
      (block $out (loop $again ${links.join("\n")}
        (br_if $again (local.tee $turns (i32.sub (local.get $turns) (i32.const 1))))))
      ${chains.map((chain) => `(global.set $s_${type} (local.get ${chain}))`).join(" ")})
    ${Object.entries(CONSTANTS)
      .map(([t, constant]) => `(global $s_${t} (mut ${t}) ${constant})`)
      .join(" ")})`;
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wat(text) as Uint8Array<ArrayBuffer>));
  return exports.run as (turns: number) => void;
}

/** The expressions one after another in a text. */
function split(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === "(" && depth++ === 0) start = i;
    else if (text[i] === ")" && --depth === 0) parts.push(text.slice(start, i + 1));
  }
  return parts;
}

/** Nanoseconds of user CPU per link: median of the rounds, interleaved with the unit's. */
function measure(run: (turns: number) => void, turns: number): number {
  const before = process.cpuUsage().user;
  run(turns);
  return ((process.cpuUsage().user - before) * 1000) / (turns * CHAINS * DEPTH);
}

const unit = program(PROBES[0]!);
unit(TURNS);
const results: Record<string, { weightClass: WeightClassName; measured: number; weight: number; counter: string }> = {};
for (const probe of PROBES) {
  const run = program(probe);
  run(1000);
  const isSlow = measure(run, 2000) > 10;
  const turns = isSlow ? TURNS / 20 : TURNS;
  const ratios: number[] = [];
  for (let i = 0; i < ROUNDS; i++) {
    const one = measure(unit, TURNS);
    ratios.push(measure(run, turns) / one);
  }
  const perLink = (median(ratios) - (probe.besides ?? 0)) / (PAIRS.test(probe.name) ? 2 : 1);
  const { weight, counter } = WEIGHTS[probe.weightClass];
  results[probe.name] = { weightClass: probe.weightClass, measured: Number(perLink.toFixed(1)), weight, counter };
  console.log(
    `${probe.weightClass.padEnd(22)} ${probe.name.padEnd(40)} ${perLink.toFixed(1).padStart(7)} ${String(weight).padStart(5)}`,
  );
}

/** Lengths: a megabyte copied, pages granted. */
const lengths = wat(`(module (memory (export "memory") 40 4000)
  (func (export "copy") (memory.copy (i32.const 0) (i32.const 0x110000) (i32.const 0x100000)))
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "touch") (param i32) (loop $l (i32.store (local.get 0) (i32.const 1))
    (br_if $l (i32.lt_u (local.tee 0 (i32.add (local.get 0) (i32.const 4096))) (i32.shl (memory.size) (i32.const 16)))))))`);
const { exports } = new WebAssembly.Instance(new WebAssembly.Module(lengths as Uint8Array<ArrayBuffer>));
const call = (name: string, ...args: number[]) => (exports[name] as (...args: number[]) => number)(...args);
const cpuNs = (run: () => void) => {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) * 1000;
};
const unitNs = median(Array.from({ length: ROUNDS }, () => measure(unit, TURNS)));
call("copy");
const copyNs = cpuNs(() => {
  for (let i = 0; i < 100; i++) call("copy");
});
const growNs = cpuNs(() => {
  call("grow", 2000);
  call("touch", 41 << 16);
});
const bytesPerOp = (unitNs * 100 * 2 ** 20) / copyNs;
const opsPerPage = growNs / 2000 / unitNs;
console.log(`bytes copied per operation ${bytesPerOp.toFixed(1)} (${LENGTH_WEIGHTS.bytesPerOp})`);
console.log(`operations per page granted and touched ${opsPerPage.toFixed(0)} (${LENGTH_WEIGHTS.opsPerPage})`);
mkdirSync(join(import.meta.dirname, "results"), { recursive: true });
const summary = { unitNs: Number(unitNs.toFixed(3)), bytesPerOp, opsPerPage, instructions: results };
writeFileSync(join(import.meta.dirname, "results/weights.json"), `${JSON.stringify(summary, null, 2)}\n`);
