import type { BodyFacts } from "./bodyFacts.ts";
import { ByteWriter } from "./bytes.ts";
import { STACK, UNCHECKED_LEAF_OPS } from "./limits.ts";
import type { MeterIndexes } from "./meterIndexes.ts";
import type { ExtraLocals } from "./operandStack.ts";
import { assertLimit } from "./refuse.ts";
import { I32, I64 } from "./valueType.ts";

/** Buffers that the functions of a module are written in, one after the other: making them anew cost most of the time. */
export class BodyBuffers {
  readonly segment = new ByteWriter(1024);
  readonly output = new ByteWriter(4096);
  readonly body = new ByteWriter(4096);

  clear(): void {
    this.segment.clear();
    this.output.clear();
    this.body.clear();
  }
}

/**
 * Writes one function's code segment by segment, each behind the charge for its work. Functions with loops keep the
 * counters in locals too and write them through, so that the globals are exact wherever the function traps.
 */
export class ChargeWriter {
  /** Code of the current segment. */
  readonly segment: ByteWriter;
  /** Finished segments. */
  readonly output: ByteWriter;
  private readonly body: ByteWriter;
  /** Calls others, hence gives its frame's slots back when it returns. */
  readonly restoresStack: boolean;
  private readonly indexes: MeterIndexes;
  private readonly facts: BodyFacts;
  private readonly extras: ExtraLocals;
  /** Locals that mirror the counters, -1: none. */
  private readonly bitLocal: number;
  private readonly floatLocal: number;
  private readonly stackLocal: number;
  private bitOps = 0;
  private floatOps = 0;
  private totalOps = 0;
  /** The function's first segment, which its prologue charges. */
  private first: { readonly bitOps: number; readonly floatOps: number } | undefined;
  private isLoopHeader = false;
  private endsLive = true;

  constructor(buffers: BodyBuffers, indexes: MeterIndexes, facts: BodyFacts, extras: ExtraLocals) {
    buffers.clear();
    this.segment = buffers.segment;
    this.output = buffers.output;
    this.body = buffers.body;
    this.indexes = indexes;
    this.facts = facts;
    this.extras = extras;
    this.restoresStack = facts.hasCall;
    this.bitLocal = facts.hasLoop ? extras.add(I64) : -1;
    this.floatLocal = facts.hasLoop && facts.hasFloat ? extras.add(I64) : -1;
    this.stackLocal = this.restoresStack ? extras.add(I32) : -1;
  }

  /** Adds an instruction's work to the current segment. */
  add(bitOps: number, floatOps: number): void {
    this.bitOps += bitOps;
    this.floatOps += floatOps;
  }

  /** Ends the current segment. */
  flush(): void {
    const { output, bitOps, floatOps } = this;
    this.totalOps += bitOps + floatOps;
    if (this.first === undefined) this.first = { bitOps, floatOps };
    else {
      this.charge(bitOps, this.indexes.bitGlobal, this.bitLocal);
      this.charge(floatOps, this.indexes.floatGlobal, this.floatLocal);
      if (this.isLoopHeader) this.check(output, false);
    }
    output.append(this.segment);
    this.segment.clear();
    this.bitOps = 0;
    this.floatOps = 0;
    this.isLoopHeader = false;
  }

  /** Says that what was written last opened a loop: it goes out before the charge of what follows. */
  loopHeader(): void {
    this.output.append(this.segment);
    this.segment.clear();
    this.isLoopHeader = true;
  }

  private charge(ops: number, global: number, local: number): void {
    if (ops === 0) return;
    const { output } = this;
    output.op(local < 0 ? 0x23 : 0x20, local < 0 ? global : local);
    output.byte(0x42);
    output.signed(ops);
    output.byte(0x7d);
    if (local >= 0) output.op(0x22, local);
    output.op(0x24, global);
  }

  /** Reads the counters again after anything that may have changed the globals. */
  reload(): void {
    if (this.bitLocal < 0) return;
    this.segment.op(0x23, this.indexes.bitGlobal);
    this.segment.op(0x21, this.bitLocal);
    if (this.floatLocal < 0) return;
    this.segment.op(0x23, this.indexes.floatGlobal);
    this.segment.op(0x21, this.floatLocal);
  }

  restoreStack(code: ByteWriter): void {
    code.op(0x20, this.stackLocal);
    code.op(0x24, this.indexes.stackGlobal);
  }

  /** Ends the function's code. @param isReached whether its end is, by falling through or by a branch */
  end(isReached: boolean): void {
    this.flush();
    this.endsLive = isReached;
  }

  /** Stops when a counter, or with `andStack` the stack, is below zero. */
  private check(code: ByteWriter, andStack: boolean): void {
    const { indexes } = this;
    code.op(this.bitLocal < 0 ? 0x23 : 0x20, this.bitLocal < 0 ? indexes.bitGlobal : this.bitLocal);
    if (this.facts.hasFloat) {
      code.op(this.floatLocal < 0 ? 0x23 : 0x20, this.floatLocal < 0 ? indexes.floatGlobal : this.floatLocal);
      code.byte(0x84);
    }
    if (andStack) {
      code.op(0x23, indexes.stackGlobal);
      code.byte(0xac);
      code.byte(0x84);
    }
    code.op(0x42, 0);
    code.byte(0x53);
    code.raw(TRAP_IF);
  }

  /**
   * The finished body, without its size: local declarations, prologue, code.
   * @param declared types of the function's own locals
   * @param valueSlots slots of everything the function holds
   */
  assemble(declared: Uint8Array, results: Uint8Array, valueSlots: number): ByteWriter {
    const { body } = this;
    writeLocals(body, declared, this.extras.types);
    const frameSlots = STACK.frameSlots + valueSlots;
    const first = this.first!;
    this.prologueCharge(body, first.bitOps, this.indexes.bitGlobal, this.bitLocal);
    this.prologueCharge(body, first.floatOps, this.indexes.floatGlobal, this.floatLocal);
    const isLargeLeaf = !this.restoresStack && frameSlots > STACK.leafSlots;
    if (this.restoresStack || isLargeLeaf) this.takeStack(body, frameSlots);
    const isSmallLeaf = !this.restoresStack && !isLargeLeaf && !this.facts.hasLoop;
    if (!isSmallLeaf || this.totalOps > UNCHECKED_LEAF_OPS) this.check(body, this.restoresStack || isLargeLeaf);
    if (isLargeLeaf) this.giveStackBack(body, frameSlots);
    if (this.restoresStack) {
      body.byte(0x02);
      this.indexes.writeBlockType(body, results);
    }
    body.append(this.output);
    if (this.restoresStack) {
      body.byte(0x0b);
      if (this.endsLive) this.restoreStack(body);
      else body.byte(0x00);
    }
    body.byte(0x0b);
    assertLimit("rewrittenFunctionBytes", body.length, 0);
    return body;
  }

  private prologueCharge(body: ByteWriter, ops: number, global: number, local: number): void {
    if (ops === 0 && local < 0) return;
    body.op(0x23, global);
    if (ops > 0) {
      body.byte(0x42);
      body.signed(ops);
      body.byte(0x7d);
      if (local >= 0) body.op(0x22, local);
      body.op(0x24, global);
    } else body.op(0x21, local);
  }

  private takeStack(body: ByteWriter, frameSlots: number): void {
    const { stackGlobal } = this.indexes;
    body.op(0x23, stackGlobal);
    if (this.stackLocal >= 0) body.op(0x22, this.stackLocal);
    body.byte(0x41);
    body.signed(frameSlots);
    body.byte(0x6b);
    body.op(0x24, stackGlobal);
  }

  /** A leaf's frame needs room only while it is checked: nothing below it takes any. */
  private giveStackBack(body: ByteWriter, frameSlots: number): void {
    const { stackGlobal } = this.indexes;
    body.op(0x23, stackGlobal);
    body.byte(0x41);
    body.signed(frameSlots);
    body.byte(0x6a);
    body.op(0x24, stackGlobal);
  }
}

/** if, unreachable, end. */
const TRAP_IF = Uint8Array.of(0x04, 0x40, 0x00, 0x0b);

function writeLocals(body: ByteWriter, declared: Uint8Array, extra: readonly number[]): void {
  const groups: [count: number, type: number][] = [];
  for (const types of [declared, extra]) {
    for (const type of types) {
      const last = groups[groups.length - 1];
      if (last !== undefined && last[1] === type) last[0]++;
      else groups.push([1, type]);
    }
  }
  body.u32(groups.length);
  for (const [count, type] of groups) {
    body.u32(count);
    body.byte(type);
  }
}
