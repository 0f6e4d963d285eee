import { ByteWriter } from "./bytes.ts";
import { COUNTERS } from "./limits.ts";
import type { MeterIndexes } from "./meterIndexes.ts";
import type { FunctionType, ModuleStructure } from "./structure.ts";
import { I32, I64 } from "./valueType.ts";
import { LENGTH_WEIGHTS } from "./weights.ts";

/** Functions that the meter appends to modules that need them. A growTable helper exists per table. */
export type HelperName =
  | "refill"
  | "chargeWork"
  | "chargeBytes"
  | "chargeElements"
  | "growMemory"
  | `growTable ${number}`;

/** The stack global holds this when the host denied memory that the limits allow: not the program's fault. */
export const HOST_DENIED = -(2 ** 31);

/** Type of a helper: charges by length return the length they were given, so that they slip in before the operation. */
export function helperType(name: HelperName, module: ModuleStructure): FunctionType {
  if (name === "refill") return { params: new Uint8Array(0), results: new Uint8Array(0) };
  if (name === "chargeWork") return { params: Uint8Array.of(I64, I64), results: new Uint8Array(0) };
  const results = Uint8Array.of(I32);
  if (!name.startsWith("growTable")) return { params: Uint8Array.of(I32), results };
  return { params: Uint8Array.of(module.tables[tableOf(name)]!.elementType, I32), results };
}

function tableOf(name: HelperName): number {
  return Number(name.split(" ")[1]);
}

/** Body of a helper, with its local declarations, without its size. */
export function helperBody(name: HelperName, module: ModuleStructure, indexes: MeterIndexes): Uint8Array {
  const code = new ByteWriter();
  switch (name) {
    case "refill":
      refill(code, indexes);
      break;
    case "chargeWork":
      code.byte(0);
      for (const [local, global] of [indexes.bitGlobal, indexes.floatGlobal].entries()) {
        code.op(0x23, global);
        code.op(0x20, local);
        code.byte(0x7d);
        code.op(0x24, global);
      }
      code.op(0x10, indexes.helper("refill"));
      break;
    case "chargeBytes":
      chargeBytes(code, indexes);
      break;
    case "chargeElements":
      code.byte(0);
      charge(code, indexes, 0, LENGTH_WEIGHTS.opsPerElement);
      code.op(0x20, 0);
      break;
    case "growMemory":
      growMemory(code, indexes);
      break;
    default:
      growTable(code, module, indexes, tableOf(name));
  }
  code.byte(0x0b);
  return code.view();
}

/** i64.extend32_s */
const TAKE_SIGNED_LOW = 0xc4;

/**
 * Moves the packed counters into their globals, stops when one of those is below zero or the stack is overdrawn, and
 * packs at most a quantum of each again.
 */
function refill(code: ByteWriter, indexes: MeterIndexes): void {
  const { workGlobal, bitGlobal, floatGlobal, stackGlobal } = indexes;
  const [bits, floats] = [0, 1] as const;
  code.raw(Uint8Array.of(1, 2, I64));
  code.op(0x23, workGlobal);
  code.byte(TAKE_SIGNED_LOW);
  code.op(0x22, bits);
  code.op(0x23, bitGlobal);
  code.byte(0x7c);
  code.op(0x24, bitGlobal);
  // A negative low half has borrowed one of the high half.
  code.op(0x23, workGlobal);
  code.op(0x20, bits);
  code.byte(0x7d);
  code.op(0x42, 32);
  code.byte(0x87);
  code.op(0x23, floatGlobal);
  code.byte(0x7c);
  code.op(0x24, floatGlobal);
  code.op(0x42, 0);
  code.op(0x24, workGlobal);
  code.op(0x23, bitGlobal);
  code.op(0x23, floatGlobal);
  code.byte(0x84);
  code.op(0x23, stackGlobal);
  code.byte(0xac);
  code.byte(0x84);
  code.op(0x42, 0);
  code.byte(0x53);
  trapIf(code);
  for (const [local, global, quantum] of [
    [bits, bitGlobal, COUNTERS.bitQuantum],
    [floats, floatGlobal, COUNTERS.floatQuantum],
  ] as const) {
    for (let i = 0; i < 2; i++) {
      code.op(0x23, global);
      code.byte(0x42);
      code.signed(quantum);
    }
    code.byte(0x53);
    // The lesser of both.
    code.byte(0x1b);
    code.op(0x21, local);
    code.op(0x23, global);
    code.op(0x20, local);
    code.byte(0x7d);
    code.op(0x24, global);
  }
  code.op(0x20, floats);
  code.op(0x42, 32);
  code.byte(0x86);
  code.op(0x20, bits);
  code.byte(0x84);
  code.op(0x24, workGlobal);
}

/** Short operations come off the packed counter, so that copies of a few bytes stay cheap. */
function chargeBytes(code: ByteWriter, indexes: MeterIndexes): void {
  const shift = Math.log2(LENGTH_WEIGHTS.bytesPerOp);
  const ops = () => {
    code.op(0x20, 0);
    code.byte(0x41);
    code.signed(shift);
    code.byte(0x76);
    code.byte(0xad);
  };
  code.byte(0);
  code.op(0x20, 0);
  code.byte(0x41);
  code.signed(65_536);
  code.byte(0x49);
  code.op(0x04, 0x40);
  code.op(0x23, indexes.workGlobal);
  ops();
  code.byte(0x7d);
  code.op(0x24, indexes.workGlobal);
  code.op(0x23, indexes.workGlobal);
  code.byte(0xa7);
  code.op(0x41, 0);
  code.byte(0x48);
  code.op(0x04, 0x40);
  code.op(0x10, indexes.helper("refill"));
  code.byte(0x0b);
  code.byte(0x05);
  code.op(0x23, indexes.bitGlobal);
  ops();
  code.byte(0x7d);
  code.op(0x24, indexes.bitGlobal);
  code.op(0x10, indexes.helper("refill"));
  code.byte(0x0b);
  code.op(0x20, 0);
}

/** Takes `factor` for each of local `length` (u32) off the bit operations and stops when nothing is left. */
function charge(code: ByteWriter, indexes: MeterIndexes, length: number, factor: number): void {
  code.op(0x23, indexes.bitGlobal);
  code.op(0x20, length);
  code.byte(0xad);
  code.byte(0x42);
  code.signed(factor);
  code.byte(0x7e);
  code.byte(0x7d);
  code.op(0x24, indexes.bitGlobal);
  code.op(0x10, indexes.helper("refill"));
}

function trapIf(code: ByteWriter): void {
  code.raw(Uint8Array.of(0x04, 0x40, 0x00, 0x0b));
}

/** Stops with HOST_DENIED when local `result` is -1, else takes local `length` off `leftGlobal`. */
function settleGrowth(
  code: ByteWriter,
  indexes: MeterIndexes,
  leftGlobal: number,
  length: number,
  result: number,
): void {
  code.op(0x20, result);
  code.op(0x41, 0x7f);
  code.byte(0x46);
  code.op(0x04, 0x40);
  code.byte(0x41);
  code.signed(HOST_DENIED);
  code.op(0x24, indexes.stackGlobal);
  code.byte(0x00);
  code.byte(0x0b);
  code.op(0x23, leftGlobal);
  code.op(0x20, length);
  code.byte(0x6b);
  code.op(0x24, leftGlobal);
  code.op(0x20, result);
}

/** `memory.grow` that is denied by the invocation's own limit, never by the host's, and is paid for before it acts. */
function growMemory(code: ByteWriter, indexes: MeterIndexes): void {
  code.raw(Uint8Array.of(1, 1, I32));
  code.op(0x20, 0);
  code.op(0x23, indexes.pagesGlobal);
  code.byte(0x4b);
  code.op(0x04, I32);
  code.op(0x41, 0x7f);
  code.byte(0x05);
  charge(code, indexes, 0, LENGTH_WEIGHTS.opsPerPage);
  code.op(0x20, 0);
  code.op(0x40, 0);
  code.op(0x21, 1);
  settleGrowth(code, indexes, indexes.pagesGlobal, 0, 1);
  code.byte(0x0b);
}

/** `table.grow` likewise: all tables share the protocol's `tableElements`. */
function growTable(code: ByteWriter, module: ModuleStructure, indexes: MeterIndexes, table: number): void {
  code.raw(Uint8Array.of(1, 1, I32));
  code.op(0x20, 1);
  code.op(0x23, indexes.elementsGlobal);
  code.byte(0x4b);
  const { maximum } = module.tables[table]!;
  if (maximum !== undefined) {
    code.op(0x20, 1);
    code.byte(0x41);
    code.signed(maximum | 0);
    code.op(0xfc, 16);
    code.u32(table);
    code.byte(0x6b);
    code.byte(0x4b);
    code.byte(0x72);
  }
  code.op(0x04, I32);
  code.op(0x41, 0x7f);
  code.byte(0x05);
  charge(code, indexes, 1, LENGTH_WEIGHTS.opsPerElement);
  code.op(0x20, 0);
  code.op(0x20, 1);
  code.op(0xfc, 15);
  code.u32(table);
  code.op(0x21, 2);
  settleGrowth(code, indexes, indexes.elementsGlobal, 1, 2);
  code.byte(0x0b);
}
