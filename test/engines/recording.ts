/** How a recording (recorder.ts) is written. Portable: it is played in browsers too. */
import { METER_EXPORTS } from "../../packages/wasm/src/meter/limits.ts";
import { EXTERNREF, F32, F64, FUNCREF, I32, I64 } from "../../packages/wasm/src/meter/valueType.ts";

/** What one instance did. */
export interface Recording {
  /** The metered module. */
  readonly module: Uint8Array;
  /**
   * One line each. What the host does: C calls an export or a table's function, F sets fuel and stack, W writes memory, G
   * adds pages, A answers an import, X throws through it, B: the instance could not be made (status). What the program does: R returns, T traps (with its status) or
   * lets an exception of the host pass, I calls an import. What is seen: K counters after a call, at the end S an
   * exported global, E the memory.
   */
  readonly lines: string[];
}

/** Names of the globals that K lines show. */
export const COUNTERS = [METER_EXPORTS.work, METER_EXPORTS.bitOps, METER_EXPORTS.floatOps];
/** Pages that a program may add. */
export const MORE_PAGES = 4000;
/** How a null of each reference type is written where it is given. */
export const NULLS = new Map([
  [FUNCREF, "n:func"],
  [EXTERNREF, "n:extern"],
]);
export const PAGE_BYTES = 65_536;
const bits = new DataView(new ArrayBuffer(8));

export type Value = number | bigint | null;
export type AnyFunction = (...args: unknown[]) => unknown;

/** JavaScript numbers do not keep the bits of a NaN, so none shows; memory shows them. */
export function show(type: number, value: Value): string {
  if (type === FUNCREF || type === EXTERNREF) return `r:${value !== null}`;
  if (Number.isNaN(value)) return type === F32 ? "f:nan" : "F:nan";
  if (type === I32 || type === I64) return `${type === I32 ? "i" : "I"}:${value}`;
  bits.setFloat64(0, Number(value));
  if (type === F64) return `F:${bits.getBigUint64(0).toString(16).padStart(16, "0")}`;
  bits.setFloat32(0, Number(value));
  return `f:${bits.getUint32(0).toString(16).padStart(8, "0")}`;
}

/** The value that `show` showed, but for references, of which only nulls are ever given. */
export function read(word: string): Value {
  const [kind, digits] = word.split(":") as [string, string];
  if (digits === "nan") return Number.NaN;
  switch (kind) {
    case "i":
      return Number(digits);
    case "I":
      return BigInt(digits);
    case "f":
      bits.setUint32(0, Number.parseInt(digits, 16));
      return bits.getFloat32(0);
    case "F":
      bits.setBigUint64(0, BigInt(`0x${digits}`));
      return bits.getFloat64(0);
    case "n":
      return null;
  }
  throw new Error(`a value of type ${kind}`);
}
