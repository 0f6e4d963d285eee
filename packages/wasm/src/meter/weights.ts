/** One class of instructions that cost the same. */
export interface WeightClass {
  readonly counter: "bitOps" | "floatOps";
  readonly weight: number;
  /** Why it costs this much. */
  readonly reason: string;
}

const bit = (weight: number, reason: string): WeightClass => ({ counter: "bitOps", weight, reason });
const float = (weight: number, reason: string): WeightClass => ({ counter: "floatOps", weight, reason });

/**
 * The published table of weights of METER_VERSION 1: what every instruction costs, by class. The unit is about one
 * simple operation of a baseline compiler on a current 64-bit core. No instruction for which a baseline compiler emits
 * code is free, so that no loop runs for nothing.
 */
export const WEIGHTS = {
  structure: bit(0, "marks structure or forgets an operand: no code"),
  move: bit(1, "a register or constant move, often free after optimisation"),
  alu: bit(1, "one cycle on every core"),
  multiply: bit(2, "three cycles of latency, one per cycle of throughput"),
  divide: bit(12, "10 to 40 cycles, not pipelined"),
  load: bit(2, "address, bounds, and four to five cycles of first-level cache"),
  store: bit(2, "address, bounds, and one per cycle of throughput"),
  global: bit(2, "a load or store through the instance"),
  branch: bit(1, "predicted; a misprediction costs 15 cycles, now and then"),
  "branch-table": bit(4, "bounds check and an indirect jump"),
  call: bit(8, "frame, spills, stack check and the meter's own prologue"),
  "call-indirect": bit(14, "a call with table bounds and signature checks"),
  table: bit(4, "bounds check and, when writing, a barrier"),
  "memory-grow": bit(200, "a call into the engine; each page granted costs opsPerPage more"),
  bulk: bit(24, "a call into the engine; lengths are charged on top"),
  "vector-alu": bit(2, "one cycle, on units that are fewer than the scalar ones"),
  "vector-multiply": bit(3, "five to ten cycles of latency, pipelined"),
  "vector-shuffle": bit(3, "one to three cycles, with a constant to load"),
  "vector-load": bit(3, "sixteen bytes, may cross a cache line"),
  "vector-store": bit(3, "sixteen bytes, may cross a cache line"),
  "float-compare": float(2, "three cycles of latency and a move of flags"),
  "float-sign": float(1, "one cycle: a bit operation on a float register"),
  "float-add": float(2, "four cycles of latency, pipelined: add, subtract, multiply"),
  "float-minmax": float(4, "wasm's treatment of NaN and zero signs takes several instructions"),
  "float-round": float(3, "eight cycles of latency, pipelined"),
  "float-convert": float(4, "five to seven cycles of latency, with range checks where it traps"),
  "float-divide": float(10, "11 to 20 cycles, hardly pipelined: division and square root"),
  "vector-float-compare": float(3, "four cycles of latency, pipelined"),
  "vector-float-sign": float(2, "one cycle"),
  "vector-float-add": float(3, "four cycles of latency, pipelined"),
  "vector-float-minmax": float(6, "wasm's treatment of NaN and zero signs takes several instructions"),
  "vector-float-round": float(4, "eight cycles of latency, pipelined"),
  "vector-float-convert": float(6, "saturation takes several instructions"),
  "vector-float-divide": float(14, "as scalar, with two to four lanes"),
} as const satisfies Record<string, WeightClass>;

export type WeightClassName = keyof typeof WEIGHTS;

/** Charged by length, all to bitOps, before they act. */
export const LENGTH_WEIGHTS = {
  /** Bytes that one operation of memory.copy, memory.fill, memory.init and of the host's copies moves. */
  bytesPerOp: 8,
  /** Operations per element of table.copy, table.fill, table.init and table.grow. */
  opsPerElement: 8,
  /** Operations per 64-KiB page that memory.grow grants or an instance starts with: zeroing, and the fault of first touch. */
  opsPerPage: 8192,
  /** Operations per instance, hence per invocation. */
  opsPerInstance: 10_000,
  /** Operations per call of a host function, apart from bytes. */
  opsPerHostCall: 1000,
  /** Operations per byte of `random_get`: ChaCha20. */
  opsPerRandomByte: 32,
} as const;
