import type { Tariff } from "@demec/protocol";

/** Work of one class that the machine did, and what it took. */
export interface WorkMeasurement {
  readonly bitOps: bigint;
  readonly floatOps: bigint;
  /** Input and output together. */
  readonly bytes: bigint;
  /** Wall clock, with all lanes busy. */
  readonly seconds: number;
  /** Of the whole machine in that time. */
  readonly joules: number;
}

/** Classes of work that a provider measures: two of integer work, float work, and bytes in and out of the executor. */
export interface Measurements {
  readonly integer: WorkMeasurement;
  readonly memory: WorkMeasurement;
  readonly float: WorkMeasurement;
  readonly bytes: WorkMeasurement;
}

const JOULES_PER_WATT_HOUR = 3600;
/** Coefficients count per million operations and per megabyte. */
const UNITS_PER_COEFFICIENT = 1e6;
const CREDIT = 1e18;

/**
 * The tariff by which this machine is the reference: a credit is the work that costs it one watt-hour. Work is priced at
 * its energy: `a` from integer and memory work together, `b` and `c` from what float work and bytes take beyond the integer
 * work in them (never below 0), so that all the measured work together costs the measured energy. Time costs nothing by
 * itself (d, e, f are 0): busy time is in the other three.
 */
export function tariffOf({ integer, memory, float, bytes }: Measurements): Tariff {
  const joulesPerBitOp = (integer.joules + memory.joules) / Number(integer.bitOps + memory.bitOps);
  const joulesPerFloatOp = beyond(float, joulesPerBitOp) / Number(float.floatOps);
  const joulesPerByte = beyond(bytes, joulesPerBitOp) / Number(bytes.bytes);
  return {
    a: coefficient(joulesPerBitOp),
    b: coefficient(joulesPerFloatOp),
    c: coefficient(joulesPerByte),
    d: 0n,
    e: 0n,
    f: 0n,
  };
}

/** Energy that the integer work of a class doesn't explain. */
function beyond({ joules, bitOps }: WorkMeasurement, joulesPerBitOp: number): number {
  return Math.max(0, joules - joulesPerBitOp * Number(bitOps));
}

function coefficient(joulesPerUnit: number): bigint {
  return BigInt(Math.round((joulesPerUnit / JOULES_PER_WATT_HOUR) * UNITS_PER_COEFFICIENT * CREDIT));
}
