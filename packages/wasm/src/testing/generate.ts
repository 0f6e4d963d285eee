import { CORE_INSTRUCTIONS } from "../meter/instructions.ts";
import { VECTOR_INSTRUCTIONS } from "../meter/vectorInstructions.ts";

/** Small, fast generator of pseudo-random numbers (mulberry32): the same seed gives the same module. */
export class Random {
  private state: number;
  constructor(seed: number) {
    this.state = seed;
  }
  /** 0 … below - 1 */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % limit;
  }
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }
}

type Type = "i32" | "i64" | "f32" | "f64" | "v128";
const TYPES: readonly Type[] = ["i32", "i64", "f32", "f64", "v128"];
const LETTERS: Readonly<Record<string, Type>> = { i: "i32", I: "i64", f: "f32", F: "f64", v: "v128" };

interface Instruction {
  readonly name: string;
  readonly operands: readonly Type[];
  /** Makes NaNs whose bits may differ between engines. */
  readonly isArithmetic: boolean;
}

/** Instructions with fixed operands and one result, by its type; "none": stores and bulk operations. */
const BY_RESULT = new Map<Type | "none", Instruction[]>([...TYPES, "none" as const].map((type) => [type, []]));
for (const line of `${CORE_INSTRUCTIONS}${VECTOR_INSTRUCTIONS}`.split("\n")) {
  const [, name, signature, , flow = ""] = line.split(" ");
  if (name === undefined || signature === "*" || signature === undefined) continue;
  if (/^(table|elem|data)\.|\.const$|memory\.(init|grow)/.test(name)) continue;
  const [operands, result] = signature.split(":") as [string, string];
  BY_RESULT.get(result === "" ? "none" : LETTERS[result]!)!.push({
    name,
    operands: Array.from(operands, (letter) => LETTERS[letter]!),
    isArithmetic: /^(a|p|d)/.test(flow),
  });
}

const INTERESTING: Readonly<Record<Type, readonly string[]>> = {
  i32: ["0", "1", "-1", "0x7fffffff", "0x80000000", "255", "65535", "31", "1000003"],
  i64: ["0", "1", "-1", "0x7fffffffffffffff", "0x8000000000000000", "0x7ff4123456789abc", "63", "0xffffffff"],
  f32: ["0", "-0", "1", "-1.5", "inf", "-inf", "nan", "-nan", "nan:0x200001", "3e38", "1e-40", "4294967296"],
  f64: ["0", "-0", "1", "-1.5", "inf", "-inf", "nan", "-nan", "nan:0x4000000000001", "1e308", "5e-324", "1e19"],
  v128: [
    "i64x2 0 -1",
    "i32x4 0x7fc00001 0xffc00000 1 2",
    "i64x2 0x7ff8000000000001 0x3ff0000000000000",
    "f32x4 1 2 nan inf",
  ],
};

/**
 * Text of a random valid module that exports `run` (i32, f64) → i64, a memory and globals of every type, and always ends.
 * @param useArithmetic whether float instructions that make NaNs of engine-dependent bits may occur
 */
export function randomModule(seed: number, useArithmetic: boolean): string {
  return new Generator(new Random(seed), useArithmetic).module();
}

class Generator {
  private readonly random: Random;
  private readonly useArithmetic: boolean;
  private readonly functions: { params: readonly Type[]; result: Type }[] = [];
  /** Types of the current function's locals; the first `loopLocals` of them belong to loops. */
  private locals: Type[] = [];
  private result: Type = "i32";
  private budget = 0;
  private loops = 0;
  /** Result types of the blocks around, innermost last; undefined: none; loops are not branched to. */
  private labels: (Type | undefined | "loop")[] = [];

  constructor(random: Random, useArithmetic: boolean) {
    this.random = random;
    this.useArithmetic = useArithmetic;
  }

  module(): string {
    const { random } = this;
    const fields: string[] = [];
    const count = 2 + random.below(4);
    for (let i = 0; i < count; i++) {
      const isLast = i === count - 1;
      const params: Type[] = isLast
        ? ["i32", "f64"]
        : Array.from({ length: random.below(5) }, () => random.pick(TYPES));
      const result = isLast ? "i64" : random.pick(TYPES);
      fields.push(this.function(i, params, result, isLast ? `(export "run")` : ""));
      this.functions.push({ params, result });
    }
    const globals = TYPES.map(
      (type) => `(global $g_${type} (export "g_${type}") (mut ${type}) ${this.constant(type)})`,
    );
    return `(module
      (memory (export "memory") 1 3)
      (table 4 funcref) (elem (i32.const 0) $f0 $f0)
      ${globals.filter((text) => !text.includes("v128 ")).join("\n")}
      (global $g_v128 (mut v128) (v128.const i64x2 0 0))
      (data (i32.const 0) "\\00\\01\\02\\f4\\7f\\ff\\fe\\80\\7f\\a0\\00\\01\\c3\\3f\\ff\\ff")
      ${fields.join("\n")})`;
  }

  private function(index: number, params: readonly Type[], result: Type, exported: string): string {
    const { random } = this;
    const declared = Array.from({ length: 3 + random.below(6) }, () => random.pick(TYPES));
    this.locals = [...params, ...declared];
    this.result = result;
    this.budget = 60;
    this.loops = 0;
    this.labels = [];
    const body = Array.from({ length: 2 + random.below(6) }, () => this.statement(3)).join("\n");
    const end = this.expression(result, 4);
    const loops = "(local i32)".repeat(this.loops);
    return `(func $f${index} ${exported} (param ${params.join(" ")}) (result ${result})
      (local ${declared.join(" ")}) ${loops} ${body} ${end})`;
  }

  private constant(type: Type): string {
    return `(${type}.const ${this.random.pick(INTERESTING[type])})`;
  }

  private local(type: Type): number | undefined {
    const found = this.locals.flatMap((t, i) => (t === type ? [i] : []));
    return found.length === 0 ? undefined : this.random.pick(found);
  }

  /** Addresses stay in the first kilobyte, now and then anywhere. */
  private address(depth: number): string {
    const value = this.expression("i32", depth);
    return this.random.below(40) === 0 ? value : `(i32.and ${value} (i32.const 1016))`;
  }

  private expression(type: Type, depth: number): string {
    const { random } = this;
    this.budget--;
    if (depth <= 0 || this.budget < 0) return this.leaf(type);
    const choice = random.below(14);
    if (choice < 2) return this.leaf(type);
    if (choice === 2)
      return `(select ${this.expression(type, depth - 1)} ${this.expression(type, depth - 1)} ${this.expression("i32", depth - 1)})`;
    if (choice === 3) {
      const local = this.local(type);
      if (local !== undefined) return `(local.tee ${local} ${this.expression(type, depth - 1)})`;
    }
    if (choice === 4)
      return `(if (result ${type}) ${this.expression("i32", depth - 1)} (then ${this.block(type, depth)}) (else ${this.block(type, depth)}))`;
    if (choice === 5) return `(block (result ${type}) ${this.block(type, depth)})`;
    if (choice === 6 && this.functions.length > 0) {
      const callees = this.functions.flatMap((f, i) => (f.result === type ? [i] : []));
      if (callees.length > 0) {
        const callee = random.pick(callees);
        return `(call $f${callee} ${this.functions[callee]!.params.map((param) => this.expression(param, depth - 1)).join(" ")})`;
      }
    }
    if (choice === 7 && type === "i32")
      return `(memory.grow (i32.and ${this.expression("i32", depth - 1)} (i32.const 3)))`;
    return this.instruction(type, depth);
  }

  private instruction(type: Type | "none", depth: number): string {
    const usable = BY_RESULT.get(type)!.filter((instruction) => this.useArithmetic || !instruction.isArithmetic);
    const { name, operands } = this.random.pick(usable);
    const usesMemory = /load|store|memory\.(fill|copy)/.test(name);
    const values = operands.map((operand, i) =>
      usesMemory && operand === "i32" && (i === 0 || name.startsWith("memory"))
        ? this.address(depth - 1)
        : this.expression(operand, depth - 1),
    );
    const lanes = /^(i8|i16|i32|i64|f32|f64)x(\d+)\.(extract|replace)/.exec(name)?.[2];
    let immediate = "";
    if (lanes !== undefined) immediate = String(this.random.below(Number(lanes)));
    else if (/_lane$/.test(name)) immediate = String(this.random.below(128 / Number(/(\d+)_lane/.exec(name)![1])));
    else if (name === "i8x16.shuffle") immediate = Array.from({ length: 16 }, () => this.random.below(32)).join(" ");
    return `(${name} ${immediate} ${values.join(" ")})`;
  }

  private leaf(type: Type): string {
    const choice = this.random.below(4);
    if (choice === 0) return `(global.get $g_${type})`;
    const local = this.local(type);
    return choice === 1 || local === undefined ? this.constant(type) : `(local.get ${local})`;
  }

  /** Contents of a block with a result: statements, perhaps a branch to its end or a return, a value. */
  private block(type: Type, depth: number): string {
    this.labels.push(type);
    const before = this.random.below(3) === 0 ? this.statement(depth - 1) : "";
    const exit =
      this.random.below(4) === 0
        ? `(drop (br_if 0 ${this.expression(type, depth - 2)} ${this.expression("i32", depth - 2)}))`
        : "";
    const leave = this.random.below(12) === 0 ? `(return ${this.expression(this.result, depth - 2)})` : "";
    const value = this.expression(type, depth - 1);
    this.labels.pop();
    return `${before} ${exit} ${leave} ${value}`;
  }

  private statement(depth: number): string {
    const { random } = this;
    this.budget--;
    if (depth <= 0 || this.budget < 0) return "(nop)";
    switch (random.below(11)) {
      case 0:
      case 1: {
        const local = random.below(this.locals.length);
        return `(local.set ${local} ${this.expression(this.locals[local]!, depth)})`;
      }
      case 2: {
        const type = random.pick(TYPES);
        return `(global.set $g_${type} ${this.expression(type, depth)})`;
      }
      case 3: {
        const condition = this.expression("i32", depth - 1);
        this.labels.push(undefined);
        const [yes, no] = [this.statement(depth - 1), this.statement(depth - 1)];
        this.labels.pop();
        return random.below(2) === 0
          ? `(if ${condition} (then ${yes}))`
          : `(if ${condition} (then ${yes}) (else ${no}))`;
      }
      case 4: {
        this.labels.push(undefined);
        const text = `(block ${this.statement(depth - 1)} (br_if 0 ${this.expression("i32", depth - 1)}) ${this.statement(depth - 1)} ${this.branch()})`;
        this.labels.pop();
        return text;
      }
      case 5:
      case 6:
        return this.loop(depth);
      case 7:
        return `(drop ${this.expression(random.pick(TYPES), depth)})`;
      default:
        return this.instruction("none", depth);
    }
  }

  /** A jump to a block around that has no result, with dead code behind it, or nothing. */
  private branch(): string {
    const targets = this.labels
      .map((label, i) => (label === undefined ? this.labels.length - 1 - i : -1))
      .filter((i) => i >= 0);
    if (targets.length === 0 || this.random.below(3) > 0) return "";
    if (this.random.below(2) === 0) return `(br ${this.random.pick(targets)}) (drop (i32.add)) (block (br 0))`;
    return `(br_table ${this.random.pick(targets)} ${this.random.pick(targets)} ${this.random.pick(targets)} ${this.leaf("i32")})`;
  }

  /** A loop of up to seven turns, counted in a local of its own. */
  private loop(depth: number): string {
    const counter = this.locals.length + this.loops++;
    this.labels.push("loop");
    const body = this.statement(depth - 1) + this.statement(depth - 1);
    this.labels.pop();
    const again = `(br_if 0 (local.tee ${counter} (i32.sub (local.get ${counter}) (i32.const 1))))`;
    return `(local.set ${counter} (i32.const ${1 + this.random.below(7)})) (loop ${body} ${again})`;
  }
}
