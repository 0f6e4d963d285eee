import { ByteWriter } from "./bytes.ts";
import type { MeterIndexes } from "./meterIndexes.ts";
import type { FunctionType, ModuleStructure } from "./structure.ts";
import { I32 } from "./valueType.ts";
import { LENGTH_WEIGHTS } from "./weights.ts";

/** Functions that the meter appends to modules that need them. A growTable helper exists per table. */
export type HelperName = "chargeBytes" | "chargeElements" | "growMemory" | `growTable ${number}`;

/** The stack global holds this when the host denied memory that the limits allow: not the program's fault. */
export const HOST_DENIED = -(2 ** 31);

/** Type of a helper: the charges return the length they were given, so that they slip in before the operation. */
export function helperType(name: HelperName, module: ModuleStructure): FunctionType {
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
    case "chargeBytes":
      code.byte(0);
      charge(code, indexes, 0, () => {
        code.byte(0x42);
        code.signed(Math.log2(LENGTH_WEIGHTS.bytesPerOp));
        code.byte(0x88);
      });
      code.op(0x20, 0);
      break;
    case "chargeElements":
      code.byte(0);
      charge(code, indexes, 0, () => times(code, LENGTH_WEIGHTS.opsPerElement));
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

/** Takes what `scale` makes of local `length` (u32) off the bit counter and stops when nothing is left. */
function charge(code: ByteWriter, indexes: MeterIndexes, length: number, scale: () => void): void {
  code.op(0x23, indexes.bitGlobal);
  code.op(0x20, length);
  code.byte(0xad);
  scale();
  code.byte(0x7d);
  code.op(0x24, indexes.bitGlobal);
  code.op(0x23, indexes.bitGlobal);
  code.op(0x42, 0);
  code.byte(0x53);
  trapIf(code);
}

function times(code: ByteWriter, factor: number): void {
  code.byte(0x42);
  code.signed(factor);
  code.byte(0x7e);
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
  charge(code, indexes, 0, () => times(code, LENGTH_WEIGHTS.opsPerPage));
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
  charge(code, indexes, 1, () => times(code, LENGTH_WEIGHTS.opsPerElement));
  code.op(0x20, 0);
  code.op(0x20, 1);
  code.op(0xfc, 15);
  code.u32(table);
  code.op(0x21, 2);
  settleGrowth(code, indexes, indexes.elementsGlobal, 1, 2);
  code.byte(0x0b);
}
