import { ByteReader } from "./bytes.ts";
import { InstructionCursor } from "./cursor.ts";
import {
  ARITHMETIC_32,
  ARITHMETIC_64,
  EXACT,
  FLOAT_WEIGHT,
  JOIN,
  NEUTRAL,
  PLAIN,
  PREFIX_FC,
  PREFIX_FD,
  YIELDS,
} from "./instructionTable.ts";
import { F32, F64, V128 } from "./valueType.ts";

/** What the rewriter must know of a body before it writes the first byte of the new one. */
export interface BodyFacts {
  readonly hasLoop: boolean;
  readonly hasCall: boolean;
  readonly hasFloat: boolean;
  /** Holds a call, growth or a bulk operation. */
  readonly usesCounters: boolean;
  readonly hasTailCall: boolean;
  /** Byte offsets of the loops that hold nothing that asks for the counters; true: and no other loop. */
  readonly callFreeLoops: ReadonlyMap<number, boolean>;
  /** Class of every value a local ever holds: sets of an EXACT one make arithmetic NaNs canonical first. */
  readonly localClasses: Uint8Array;
}

/**
 * Reads a body once. A local is arithmetic only if every instruction that feeds it is known to be, by the instruction
 * before the set alone; whatever is not obvious counts as exact, which is always sound.
 * @param localTypes types of parameters and locals
 * @throws wasm/unsupported-feature wasm/invalid-module
 */
export function gatherFacts(
  bytes: Uint8Array,
  start: number,
  end: number,
  localTypes: Uint8Array,
  paramCount: number,
): BodyFacts {
  const cursor = new InstructionCursor(new ByteReader(bytes, start, end));
  const flow = new LocalFlow(localTypes, paramCount);
  let hasLoop = false;
  let hasCall = false;
  let hasFloat = false;
  let hasTailCall = false;
  let asksForCounters = false;
  let previous = 0;
  let previousStart = start;
  let previousLocal = 0;
  const loops = new LoopFinder();
  while (cursor.reader.position < end) {
    cursor.next();
    const { code } = cursor;
    switch (TOLD_BY[code]) {
      case SET:
        if (previous === 0x20 || previous === 0x22) flow.copies(previousLocal, cursor.first);
        else flow.receives(cursor.first, producedClass(bytes, previous, previousStart));
        break;
      case BLOCK:
        if (code === 0x03) hasLoop = true;
        loops.open(code === 0x03, cursor.start);
        break;
      case END:
        loops.close();
        break;
      case COUNTERS:
        asksForCounters = true;
        if (code <= 0x13) hasCall = true;
        if (code === 0x12 || code === 0x13) hasTailCall = true;
        loops.askForCounters();
        break;
      case FLOAT:
        hasFloat = true;
        break;
    }
    previous = code;
    previousStart = cursor.start;
    previousLocal = cursor.first;
  }
  const kinds = { hasLoop, hasCall, hasFloat, hasTailCall, usesCounters: asksForCounters };
  return { ...kinds, callFreeLoops: loops.callFree, localClasses: flow.solve() };
}

/** What an instruction tells: see the cases above. */
const SET = 1;
const BLOCK = 2;
const END = 3;
const COUNTERS = 4;
const FLOAT = 5;
const TOLD_BY = new Uint8Array(FLOAT_WEIGHT.length);
for (let code = 0; code < TOLD_BY.length; code++) if (FLOAT_WEIGHT[code] !== 0) TOLD_BY[code] = FLOAT;
for (const code of [0x21, 0x22]) TOLD_BY[code] = SET;
for (const code of [0x02, 0x03, 0x04]) TOLD_BY[code] = BLOCK;
TOLD_BY[0x0b] = END;
// Calls, growth and bulk operations: before them the counters must be in their globals, behind them they may have changed.
for (const code of [0x10, 0x11, 0x12, 0x13, 0x40]) TOLD_BY[code] = COUNTERS;
for (let code = PREFIX_FC + 8; code <= PREFIX_FC + 17; code++) TOLD_BY[code] = COUNTERS;

/** Follows the nesting of blocks, dead ones too. */
class LoopFinder {
  readonly callFree = new Map<number, boolean>();
  /** Of every open block, whether it is a loop. */
  private readonly blocks: boolean[] = [];
  private readonly loops: { readonly offset: number; isCallFree: boolean; isInnermost: boolean }[] = [];

  open(isLoop: boolean, offset: number): void {
    this.blocks.push(isLoop);
    if (!isLoop) return;
    const around = this.loops[this.loops.length - 1];
    if (around !== undefined) around.isInnermost = false;
    this.loops.push({ offset, isCallFree: true, isInnermost: true });
  }

  close(): void {
    if (this.blocks.pop() !== true) return;
    const { offset, isCallFree, isInnermost } = this.loops.pop()!;
    if (isCallFree) this.callFree.set(offset, isInnermost);
    else this.askForCounters();
  }

  askForCounters(): void {
    const innermost = this.loops[this.loops.length - 1];
    if (innermost !== undefined) innermost.isCallFree = false;
  }
}

/** Class of the value that one instruction leaves on top of the stack, from the instruction alone. */
export function producedClass(bytes: Uint8Array, code: number, start: number): number {
  if (code === 0x43) return constantClass(bytes, start + 1, 4);
  if (code === 0x44) return constantClass(bytes, start + 1, 8);
  // The sub-opcode 12 may be padded to more bytes: then it counts as exact.
  if (code === PREFIX_FD + 12 && bytes[start + 1] === 12) {
    return constantClass(bytes, start + 2, 16);
  }
  const yields = YIELDS[code]!;
  return PLAIN[code] === 1 && yields !== JOIN ? yields : EXACT;
}

function constantClass(bytes: Uint8Array, offset: number, length: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, length);
  if (length !== 8) {
    for (let i = 0; i < length; i += 4) if (Number.isNaN(view.getFloat32(i, true))) return EXACT;
  }
  if (length !== 4) {
    for (let i = 0; i < length; i += 8) if (Number.isNaN(view.getFloat64(i, true))) return EXACT;
  }
  return NEUTRAL;
}

/** Least class of two: what may hold either. */
function merge(a: number, b: number): number {
  if (a === b || b === NEUTRAL) return a;
  return a === NEUTRAL ? b : EXACT;
}

/** Which locals feed which; each changes at most twice, so solving is linear in the number of sets. */
class LocalFlow {
  private readonly classes: Uint8Array;
  private readonly isTracked: Uint8Array;
  /** Linked lists of copies by their source. */
  private readonly firstCopy: Int32Array;
  private readonly nextCopy: number[] = [];
  private readonly copyTarget: number[] = [];
  private readonly changed: number[] = [];

  constructor(localTypes: Uint8Array, paramCount: number) {
    this.classes = new Uint8Array(localTypes.length).fill(EXACT);
    this.isTracked = new Uint8Array(localTypes.length);
    this.firstCopy = new Int32Array(localTypes.length).fill(-1);
    for (let i = paramCount; i < localTypes.length; i++) {
      const type = localTypes[i];
      if (type !== F32 && type !== F64 && type !== V128) continue;
      // Locals start as zero, which is no NaN.
      this.classes[i] = NEUTRAL;
      this.isTracked[i] = 1;
    }
  }

  receives(local: number, produced: number): void {
    if (this.isTracked[local] !== 1) return;
    const merged = merge(this.classes[local]!, produced);
    if (merged === this.classes[local]) return;
    this.classes[local] = merged;
    this.changed.push(local);
  }

  copies(from: number, to: number): void {
    if (this.isTracked[to] !== 1 || from >= this.firstCopy.length) return;
    this.nextCopy.push(this.firstCopy[from]!);
    this.copyTarget.push(to);
    this.firstCopy[from] = this.copyTarget.length - 1;
    this.receives(to, this.classes[from]!);
  }

  solve(): Uint8Array {
    for (let local = this.changed.pop(); local !== undefined; local = this.changed.pop()) {
      for (let copy = this.firstCopy[local]!; copy >= 0; copy = this.nextCopy[copy]!) {
        this.receives(this.copyTarget[copy]!, this.classes[local]!);
      }
    }
    return this.classes;
  }
}

/** True for a value that may hold a NaN of arithmetic. */
export function isArithmetic(valueClass: number): boolean {
  return valueClass === ARITHMETIC_32 || valueClass === ARITHMETIC_64;
}
