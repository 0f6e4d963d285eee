import type { BodyFacts } from "./bodyFacts.ts";
import { CodeWriter } from "./branchHints.ts";
import type { ByteWriter } from "./bytes.ts";
import { type Charge, ChargePlan, EDGE } from "./chargePlan.ts";
import { CounterCode } from "./counterCode.ts";
import { COUNTERS, STACK, UNCHECKED_LEAF_OPS } from "./limits.ts";
import type { MeterIndexes } from "./meterIndexes.ts";
import type { ExtraLocals } from "./operandStack.ts";
import { assertLimit } from "./refuse.ts";
import { I32, I64 } from "./valueType.ts";

/** Buffers that the functions of a module are written in, one after the other: making them anew cost most of the time. */
export class BodyBuffers {
  readonly code = new CodeWriter(4096);
  readonly body = new CodeWriter(4096);

  clear(): void {
    this.code.clear();
    this.body.clear();
  }
}

/** Where in the code a segment begins. */
interface Mark {
  readonly position: number;
  readonly segment: number;
  readonly header: LoopHeader;
}

/**
 * What the start of a segment is: no loop's, a loop's whose refills call for it, write it out, or are left to a loop
 * around it.
 */
const HEADER = { none: 0, calling: 1, callFree: 2, wrapped: 3 } as const;
type LoopHeader = (typeof HEADER)[keyof typeof HEADER];

/**
 * Writes one function's code and, when all of it is known, the charges where the plan wants them. Functions with
 * loops that call nothing keep the packed counters in a local too and write it through, so that the global is exact
 * wherever the function traps.
 */
export class ChargeWriter {
  readonly code: CodeWriter;
  private readonly body: CodeWriter;
  readonly plan = new ChargePlan();
  /** Class of the edges that leave the function. */
  readonly exit: number;
  /** Calls others, hence gives its frame's slots back when it returns. */
  readonly restoresStack: boolean;
  private readonly indexes: MeterIndexes;
  private readonly facts: BodyFacts;
  private readonly extras: ExtraLocals;
  private readonly counters: CounterCode;
  private readonly stackLocal: number;
  private readonly marks: Mark[] = [];
  private bitOps = 0;
  private floatOps = 0;
  private totalOps = 0;
  private calls: number[] = [];
  private position = 0;
  private from: number;
  private header: LoopHeader = HEADER.none;
  private usesCounters = false;
  private callCount = 0;
  private endsLive = true;

  constructor(buffers: BodyBuffers, indexes: MeterIndexes, facts: BodyFacts, extras: ExtraLocals) {
    buffers.clear();
    this.code = buffers.code;
    this.body = buffers.body;
    this.indexes = indexes;
    this.facts = facts;
    this.extras = extras;
    this.restoresStack = facts.hasCall;
    const mirrors = facts.callFreeLoops.size > 0;
    const workLocal = mirrors ? extras.add(I64) : -1;
    this.stackLocal = this.restoresStack ? extras.add(I32) : -1;
    const amountLocal = mirrors ? extras.add(I64) : -1;
    this.counters = new CounterCode(indexes, facts.hasFloat, workLocal, amountLocal, this.stackLocal);
    this.from = this.plan.edges(EDGE.settled);
    this.exit = this.plan.edges(EDGE.settled);
  }

  /** Adds an instruction's work to the current segment. */
  add(bitOps: number, floatOps: number): void {
    this.bitOps += bitOps;
    this.floatOps += floatOps;
  }

  /** Ends the current segment. @param to class of the edges that leave it */
  finish(to: number): void {
    const { bitOps, floatOps, header } = this;
    const isTest = header !== HEADER.none && !this.usesCounters;
    const segment = this.plan.segment(this.from, to, bitOps, floatOps, isTest);
    this.marks.push({ position: this.position, segment, header });
    this.calls.push(this.callCount);
    this.totalOps += bitOps + floatOps;
    this.bitOps = 0;
    this.floatOps = 0;
  }

  /** Begins a segment here. @param from class of the edges that enter it */
  begin(from: number): void {
    this.from = from;
    this.position = this.code.length;
    this.header = HEADER.none;
    this.usesCounters = false;
    this.callCount = 0;
  }

  /**
   * Opens a loop and begins its first segment. A call would cost a loop its registers, so a loop without calls refills
   * without one; an innermost one leaves itself for that to a loop around it, which keeps it small. Returns whether it
   * has one.
   * @param isTight undefined: it holds calls; true: neither calls nor loops
   */
  beginLoop(from: number, isTight: boolean | undefined, write: () => void): boolean {
    const isWrapped = isTight === true;
    if (isWrapped) {
      write();
      this.counters.checkInline(this.code);
    }
    write();
    this.begin(from);
    this.header = isWrapped ? HEADER.wrapped : isTight === undefined ? HEADER.calling : HEADER.callFree;
    return isWrapped;
  }

  /** Says that a call or a charge by length was written: the counters may have changed. */
  reload(): void {
    this.usesCounters = true;
    this.callCount++;
    this.counters.load(this.code);
  }

  restoreStack(code: ByteWriter): void {
    code.op(0x20, this.stackLocal);
    code.op(0x24, this.indexes.stackGlobal);
  }

  /** Ends the function's code. @param isReached whether its end is, by falling through or by a branch */
  end(isReached: boolean): void {
    this.endsLive = isReached;
  }

  /**
   * The finished body, without its size: local declarations, prologue, code.
   * @param declared types of the function's own locals
   * @param valueSlots slots of everything the function holds
   */
  assemble(declared: Uint8Array, results: Uint8Array, valueSlots: number): CodeWriter {
    const { body, plan } = this;
    plan.solve();
    writeLocals(body, declared, this.extras.types);
    const frameSlots = STACK.frameSlots + valueSlots;
    const first = plan.charge(0);
    this.counters.load(body);
    this.counters.charge(body, first);
    const isLargeLeaf = !this.restoresStack && frameSlots > STACK.leafSlots;
    if (this.restoresStack || isLargeLeaf) this.takeStack(body, frameSlots);
    const isSmallLeaf = !this.restoresStack && !isLargeLeaf && !this.facts.hasLoop;
    if (!isSmallLeaf || this.totalOps > UNCHECKED_LEAF_OPS)
      this.counters.check(body, this.restoresStack || isLargeLeaf ? frameSlots : 0);
    if (isLargeLeaf) this.giveStackBack(body, frameSlots);
    if (this.restoresStack) {
      body.byte(0x02);
      this.indexes.writeBlockType(body, results);
    }
    this.writeSegments(body, first);
    if (this.restoresStack) {
      body.byte(0x0b);
      if (this.endsLive) this.restoreStack(body);
      else body.byte(0x00);
    }
    body.byte(0x0b);
    assertLimit("rewrittenFunctionBytes", body.length, 0);
    return body;
  }

  /** Writes the code with the charges in between, and a check wherever too much could be charged since the last one. */
  private writeSegments(body: CodeWriter, first: Charge): void {
    const { plan, code, marks } = this;
    /** Most that can have been charged without a check on the edges of each class. */
    const since = new Float64Array(plan.classes);
    let done = 0;
    for (const [i, { position, segment, header }] of marks.entries()) {
      body.appendCode(code, done, position);
      done = position;
      const from = plan.from(segment);
      let unchecked = since[from]!;
      if (header === HEADER.wrapped) {
        this.counters.test(body, 0);
        body.markUnlikely();
        body.op(0x0d, 1);
      } else if (header === HEADER.callFree) this.counters.checkInline(body);
      else if (header === HEADER.calling) this.counters.check(body, 0);
      if (header !== HEADER.none) unchecked = 0;
      const charge = i === 0 ? first : plan.charge(segment);
      if (i > 0) this.counters.charge(body, charge);
      const charged = Math.max(0, charge.bitOps) + Math.max(0, charge.floatOps) + this.calls[i]! * UNCHECKED_LEAF_OPS;
      unchecked += charged;
      if (unchecked > COUNTERS.uncheckedOps) {
        this.counters.check(body, 0);
        unchecked = charged > COUNTERS.uncheckedOps ? 0 : charged;
      }
      const to = plan.to(segment);
      since[to] = Math.max(since[to]!, unchecked);
    }
    body.appendCode(code, done, code.length);
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
