import { METER_EXPORTS } from "./limits.ts";

/** Work of both kinds that is left of the limits; below zero: overdrawn. */
export interface WorkLeft {
  readonly bitOps: bigint;
  readonly floatOps: bigint;
}

/** Reads the counters of an instance (COUNTERS says where they are); undefined when it has none. */
export function workLeft(exports: WebAssembly.Exports): WorkLeft | undefined {
  const global = (name: string) => (exports[name] as WebAssembly.Global | undefined)?.value as bigint | undefined;
  const packed = global(METER_EXPORTS.work);
  if (packed === undefined) return undefined;
  const bitOps = BigInt.asIntN(32, packed);
  // A negative low half has borrowed one of the high half.
  const floatOps = (packed - bitOps) >> 32n;
  return {
    bitOps: global(METER_EXPORTS.bitOps)! + bitOps,
    floatOps: global(METER_EXPORTS.floatOps)! + BigInt.asIntN(32, floatOps),
  };
}
