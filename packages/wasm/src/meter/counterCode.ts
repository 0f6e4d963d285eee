import type { CodeWriter } from "./branchHints.ts";
import type { ByteWriter } from "./bytes.ts";
import type { Charge } from "./chargePlan.ts";
import { COUNTERS } from "./limits.ts";
import type { MeterIndexes } from "./meterIndexes.ts";

/** Writes what a function does with the counters: charges, tests, and fetching more. */
export class CounterCode {
  private readonly indexes: MeterIndexes;
  private readonly hasFloat: boolean;
  private readonly workLocal: number;
  private readonly amountLocal: number;
  private readonly stackLocal: number;

  /**
   * @param hasFloat whether the function holds float operations: else it does not test their counter
   * @param workLocal local that mirrors the packed counters, -1: none
   * @param amountLocal local for fetching without a call, -1: none
   * @param stackLocal local that holds the stack as it was at entry, -1: none
   */
  constructor(indexes: MeterIndexes, hasFloat: boolean, workLocal: number, amountLocal: number, stackLocal: number) {
    this.indexes = indexes;
    this.hasFloat = hasFloat;
    this.workLocal = workLocal;
    this.amountLocal = amountLocal;
    this.stackLocal = stackLocal;
  }

  private read(code: ByteWriter): void {
    if (this.workLocal < 0) code.op(0x23, this.indexes.workGlobal);
    else code.op(0x20, this.workLocal);
  }

  /**
   * Leaves an i32 that is not zero when a counter is below zero, or the stack.
   * @param frameSlots what was just taken off the stack, 0: nothing, it is not tested
   */
  test(code: ByteWriter, frameSlots: number): void {
    this.read(code);
    if (this.hasFloat && frameSlots === 0) {
      code.byte(0x42);
      code.raw(SIGNS);
      code.byte(0x83);
      code.op(0x42, 0);
      code.byte(0x52);
      return;
    }
    code.byte(0xa7);
    if (this.hasFloat) {
      this.read(code);
      code.op(0x42, 32);
      code.byte(0x88);
      code.byte(0xa7);
      code.byte(0x72);
    }
    if (frameSlots > 0) {
      // Worked out once more instead of read from the global: engines see that it is the same.
      if (this.stackLocal < 0) code.op(0x23, this.indexes.stackGlobal);
      else {
        code.op(0x20, this.stackLocal);
        code.byte(0x41);
        code.signed(frameSlots);
        code.byte(0x6b);
      }
      code.byte(0x72);
    }
    code.op(0x41, 0);
    code.byte(0x48);
  }

  /** Refills counters below zero, or stops. */
  check(code: CodeWriter, frameSlots: number): void {
    this.test(code, frameSlots);
    code.markUnlikely();
    code.op(0x04, 0x40);
    code.op(0x10, this.indexes.helper("refill"));
    this.load(code);
    code.byte(0x0b);
  }

  /** The same without a call, for functions that mirror the counters. */
  checkInline(code: CodeWriter): void {
    const { indexes } = this;
    this.test(code, 0);
    code.markUnlikely();
    code.op(0x04, 0x40);
    this.read(code);
    code.byte(0xa7);
    code.op(0x41, 0);
    code.byte(0x48);
    code.op(0x04, 0x40);
    this.fetch(code, indexes.bitGlobal, COUNTERS.bitQuantum, 0);
    code.byte(0x0b);
    this.read(code);
    code.op(0x42, 0);
    code.byte(0x53);
    code.op(0x04, 0x40);
    this.fetch(code, indexes.floatGlobal, COUNTERS.floatQuantum, 32);
    code.byte(0x0b);
    code.byte(0x0b);
  }

  /** Moves a quantum, or what there is, from a global to the packed counters; stops when there is nothing. */
  private fetch(code: ByteWriter, global: number, quantum: number, shift: number): void {
    const amount = this.amountLocal;
    for (let i = 0; i < 2; i++) {
      code.op(0x23, global);
      code.byte(0x42);
      code.signed(quantum);
    }
    code.byte(0x53);
    code.byte(0x1b);
    code.op(0x22, amount);
    code.op(0x42, 0);
    code.byte(0x57);
    code.raw(TRAP_IF);
    code.op(0x23, global);
    code.op(0x20, amount);
    code.byte(0x7d);
    code.op(0x24, global);
    this.read(code);
    code.op(0x20, amount);
    if (shift > 0) {
      code.op(0x42, shift);
      code.byte(0x86);
    }
    code.byte(0x7c);
    code.op(0x22, this.workLocal);
    code.op(0x24, this.indexes.workGlobal);
  }

  /** Reads the global into the local that mirrors it. */
  load(code: ByteWriter): void {
    if (this.workLocal < 0) return;
    code.op(0x23, this.indexes.workGlobal);
    code.op(0x21, this.workLocal);
  }

  /** Takes a segment's charge off both counters; a large one is tested at once. */
  charge(code: ByteWriter, { bitOps, floatOps }: Charge): void {
    if (bitOps === 0 && floatOps === 0) return;
    if (bitOps + floatOps > COUNTERS.uncheckedOps) {
      code.byte(0x42);
      code.signed(bitOps);
      code.byte(0x42);
      code.signed(floatOps);
      code.op(0x10, this.indexes.helper("chargeWork"));
      this.load(code);
      return;
    }
    this.read(code);
    code.byte(0x42);
    code.signed(bitOps + floatOps * 2 ** 32);
    code.byte(0x7d);
    if (this.workLocal >= 0) code.op(0x22, this.workLocal);
    code.op(0x24, this.indexes.workGlobal);
  }
}

/** if, unreachable, end. */
const TRAP_IF = Uint8Array.of(0x04, 0x40, 0x00, 0x0b);

/** The sign of both packed counters, as a signed LEB128: -(2^63) + 2^31. */
const SIGNS = Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x88, 0x80, 0x80, 0x80, 0x80, 0x7f);
