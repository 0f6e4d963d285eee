import type { ByteReader } from "./bytes.ts";
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
