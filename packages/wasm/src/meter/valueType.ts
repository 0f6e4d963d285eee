import type { ByteReader, ByteWriter } from "./bytes.ts";
import { invalidModule, unsupported } from "./refuse.ts";

/** Value types, as they are encoded. */
export const I32 = 0x7f;
export const I64 = 0x7e;
export const F32 = 0x7d;
export const F64 = 0x7c;
export const V128 = 0x7b;
export const FUNCREF = 0x70;
export const EXTERNREF = 0x6f;

/** @throws wasm/unsupported-feature for a value type of a later proposal */
export function valueType(reader: ByteReader): number {
  const offset = reader.position;
  const type = reader.byte();
  switch (type) {
    case I32:
    case I64:
    case F32:
    case F64:
    case V128:
    case FUNCREF:
    case EXTERNREF:
      return type;
  }
  if (type === 0x63 || type === 0x64) unsupported("typed references", offset);
  if (type === 0x69 || type === 0x74) unsupported("exceptions", offset);
  return unsupported(type >= 0x65 && type <= 0x78 ? "garbage collection" : "an unknown value type", offset);
}

/** @throws wasm/unsupported-feature wasm/invalid-module */
export function referenceType(reader: ByteReader): number {
  const offset = reader.position;
  const type = valueType(reader);
  return type === FUNCREF || type === EXTERNREF ? type : invalidModule("a reference type is expected", offset);
}

/** Writes the constant that locals of this type start as. */
export function writeZero(output: ByteWriter, type: number): void {
  switch (type) {
    case I32:
      output.op(0x41, 0);
      break;
    case I64:
      output.op(0x42, 0);
      break;
    case F32:
      output.byte(0x43);
      output.raw(ZEROS, 0, 4);
      break;
    case F64:
      output.byte(0x44);
      output.raw(ZEROS, 0, 8);
      break;
    case V128:
      output.op(0xfd, 12);
      output.raw(ZEROS);
      break;
    default:
      output.op(0xd0, type);
  }
}

const ZEROS = new Uint8Array(16);
