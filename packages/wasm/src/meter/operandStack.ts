import { isArithmetic } from "./bodyFacts.ts";
import type { CodeWriter } from "./branchHints.ts";
import { ARITHMETIC_32, EXACT, NEUTRAL } from "./instructionTable.ts";
import { F32, V128 } from "./valueType.ts";

/** Locals that the rewriter adds behind a function's own. */
export class ExtraLocals {
  readonly types: number[] = [];
  private readonly base: number;
  private readonly byUse = new Map<number, number>();

  constructor(base: number) {
    this.base = base;
  }

  add(type: number): number {
    this.types.push(type);
    return this.base + this.types.length - 1;
  }

  /** The temporary of this type and purpose; the same one whenever asked. */
  temporary(type: number, purpose: number): number {
    const key = purpose * 256 + type;
    let local = this.byUse.get(key);
    if (local === undefined) {
      local = this.add(type);
      this.byUse.set(key, local);
    }
    return local;
  }
}

/** Slots of 8 bytes a value takes in a frame. */
export function slotsOf(type: number): number {
  return type === V128 ? 2 : 1;
}

const CANONICAL_F32 = Uint8Array.of(0, 0, 0xc0, 0x7f);
const CANONICAL_F64 = Uint8Array.of(0, 0, 0, 0, 0, 0, 0xf8, 0x7f);

/** Types and classes of the operands at one point of live code, and how high they ever stood. */
export class OperandStack {
  private types = new Uint8Array(64);
  private classes = new Uint8Array(64);
  height = 0;
  private slots = 0;
  maxSlots = 0;
  private readonly output: CodeWriter;
  private readonly extras: ExtraLocals;

  /** @param output where canonicalisation is written */
  constructor(output: CodeWriter, extras: ExtraLocals) {
    this.output = output;
    this.extras = extras;
  }

  push(type: number, valueClass: number): void {
    if (this.height === this.types.length) this.grow();
    this.types[this.height] = type;
    this.classes[this.height++] = valueClass;
    this.slots += slotsOf(type);
    if (this.slots > this.maxSlots) this.maxSlots = this.slots;
  }

  private grow(): void {
    const types = new Uint8Array(this.types.length * 2);
    types.set(this.types);
    this.types = types;
    const classes = new Uint8Array(types.length);
    classes.set(this.classes);
    this.classes = classes;
  }

  pushAll(types: Uint8Array): void {
    for (const type of types) this.push(type, EXACT);
  }

  pop(count = 1): void {
    for (let i = 0; i < count; i++) this.slots -= slotsOf(this.types[--this.height]!);
  }

  /** Forgets everything above `height`. */
  truncate(height: number): void {
    while (this.height > height) this.pop();
  }

  topType(below = 0): number {
    return this.types[this.height - 1 - below]!;
  }

  topClass(below = 0): number {
    return this.classes[this.height - 1 - below]!;
  }

  /** Says that the topmost `count` operands join others that hold copies. */
  markExact(count: number): void {
    this.classes.fill(EXACT, this.height - count, this.height);
  }

  /** Makes every arithmetic NaN among the topmost `count` operands canonical, because their bits will show. */
  observe(count: number): void {
    let deepest = this.height - count;
    while (deepest < this.height && !isArithmetic(this.classes[deepest]!)) deepest++;
    if (deepest === this.height) return;
    // Operands above the deepest one step aside into temporaries.
    for (let i = this.height - 1; i > deepest; i--) {
      this.canonicalise(i);
      this.output.op(0x21, this.extras.temporary(this.types[i]!, i - deepest));
    }
    this.canonicalise(deepest);
    for (let i = deepest + 1; i < this.height; i++) {
      this.output.op(0x20, this.extras.temporary(this.types[i]!, i - deepest));
    }
  }

  /**
   * Class of a result that is one of, or a lane of, or made of the topmost `count` operands.
   * @param lanes class of operands that the instruction keeps apart lane by lane
   * @param above how many of them, on top, are no part of the result
   */
  join(count: number, lanes: number, above = 0): number {
    let joined = NEUTRAL;
    for (let below = above; below < count; below++) {
      const operand = this.topClass(below);
      if (operand === NEUTRAL || operand === joined) continue;
      if (joined === NEUTRAL && operand === lanes) joined = operand;
      else {
        this.observe(count);
        return EXACT;
      }
    }
    return joined;
  }

  /** Observes all when one is an arithmetic NaN of other lanes than the instruction's. */
  observeForeign(count: number, lanes: number): void {
    for (let below = 0; below < count; below++) {
      const operand = this.topClass(below);
      if (isArithmetic(operand) && operand !== lanes) {
        this.observe(count);
        return;
      }
    }
  }

  /** NaNs are rare: a branch around the work for one costs less than working without branches. */
  private canonicalise(index: number): void {
    const valueClass = this.classes[index]!;
    if (!isArithmetic(valueClass)) return;
    const { output } = this;
    const type = this.types[index]!;
    const value = this.extras.temporary(type, 0);
    output.op(0x21, value);
    output.op(0x20, value);
    output.op(0x20, value);
    if (type === V128) this.canonicaliseLanes(value, valueClass === ARITHMETIC_32);
    else {
      // x >= x is one comparison and one jump; x == x would be two jumps, for NaN and for unequal.
      output.byte(type === F32 ? 0x60 : 0x66);
      output.byte(0x45);
      output.markUnlikely();
      output.op(0x04, 0x40);
      output.byte(type === F32 ? 0x43 : 0x44);
      output.raw(type === F32 ? CANONICAL_F32 : CANONICAL_F64);
    }
    output.op(0x21, value);
    output.byte(0x0b);
    output.op(0x20, value);
    // A vector is canonical in these lanes, but the other lanes' reading of it is unknown.
    this.classes[index] = type === V128 ? EXACT : NEUTRAL;
  }

  /** x != x in some lane: the canonical NaN in those lanes. */
  private canonicaliseLanes(value: number, isF32: boolean): void {
    const { output } = this;
    output.op(0xfd, isF32 ? 66 : 72);
    output.op(0xfd, isF32 ? 164 : 196);
    output.markUnlikely();
    output.op(0x04, 0x40);
    output.op(0xfd, 12);
    for (let i = 0; i < (isF32 ? 4 : 2); i++) output.raw(isF32 ? CANONICAL_F32 : CANONICAL_F64);
    for (let i = 0; i < 3; i++) output.op(0x20, value);
    output.op(0xfd, isF32 ? 66 : 72);
    output.op(0xfd, 82);
  }
}
