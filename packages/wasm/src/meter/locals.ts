import type { ByteReader } from "./bytes.ts";
import { assertLimit } from "./refuse.ts";
import { valueType } from "./valueType.ts";

/** Types of parameters and of the locals that a body declares at its start. @throws wasm/over-limit */
export function readLocals(reader: ByteReader, params: Uint8Array): Uint8Array {
  const groups: (readonly [count: number, type: number])[] = [];
  let total = params.length;
  for (let count = reader.u32(); count > 0; count--) {
    const size = reader.u32();
    total += size;
    assertLimit("locals", total, reader.position);
    groups.push([size, valueType(reader)]);
  }
  const types = new Uint8Array(total);
  types.set(params);
  let next = params.length;
  for (const [size, type] of groups) {
    types.fill(type, next, next + size);
    next += size;
  }
  return types;
}
