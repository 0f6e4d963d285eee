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
 * The published table of weights of METER_VERSION 1: what every instruction costs, by class, in units of an i32.add. In
 * the reasons stand the ratios that `bench/weights.ts` measured on V8's optimising compiler; weights are rounded to 1, 2,
 * 3, 6, 12, 16, 24, 32 and so on, and never below what a baseline compiler pays. No instruction for which a baseline
 * compiler emits code is free, so that no loop runs for nothing.
 */
export const WEIGHTS = {
  structure: bit(0, "marks structure or forgets an operand: no code"),
  move: bit(1, "a register or constant move, often free after optimisation; select 2.0"),
  alu: bit(1, "add and xor 1.0 by definition; comparisons are one instruction with the branch they feed"),
  count: bit(3, "three cycles of latency on one unit: clz, popcnt 3.4"),
  shift: bit(2, "by a variable 3.5, by a constant 1"),
  multiply: bit(3, "three cycles of latency, pipelined: 3.2 to 3.4"),
  divide: bit(16, "not pipelined: 18 to 19"),
  "divide-long": bit(32, "64 bits, not pipelined: 32, and more on older cores"),
  load: bit(3, "address, bounds and four to five cycles of first-level cache: 3.1 to 4.0"),
  store: bit(2, "address, bounds, and the store buffer: below the noise when it hits the cache"),
  global: bit(2, "a load or store through the instance, below the noise when it hits the cache"),
  branch: bit(1, "below the noise when predicted; a misprediction costs 15 cycles, now and then"),
  "branch-table": bit(4, "bounds check and an indirect jump; mispredicted more often than branches are"),
  call: bit(16, "frame, spills, stack check: 17"),
  "call-indirect": bit(20, "a call with table bounds and signature checks: 14, and a target to predict"),
  table: bit(6, "bounds check, an indirection, and when writing a barrier: 7.1"),
  "memory-grow": bit(2000, "a call into the engine: 3200; each page granted costs opsPerPage more"),
  bulk: bit(48, "a call into the engine: 42 to 53; lengths are charged on top"),
  "vector-alu": bit(2, "one cycle, on units that are fewer than the scalar ones: 1.2 to 1.7"),
  "vector-multiply": bit(4, "five cycles of latency, pipelined: lanes of 16 bits 4.2"),
  "vector-multiply-wide": bit(8, "several instructions: lanes of 32 bits 8.4, of 64 bits 10"),
  "vector-swizzle": bit(3, "one byte shuffle: 2.5"),
  "vector-shuffle": bit(12, "any 16 of 32 bytes 15; simple patterns cost a cycle"),
  "vector-load": bit(3, "sixteen bytes, may cross a cache line"),
  "vector-store": bit(3, "sixteen bytes, may cross a cache line"),
  "float-compare": float(3, "three cycles of latency and a move of flags; a vector's 3.3"),
  "float-sign": float(3, "a bit operation with a constant to load: 2.5 to 3.4"),
  "float-add": float(2, "four cycles of latency, pipelined: add 1.9, multiply 2.5"),
  "float-minmax": float(10, "wasm's treatment of NaN and zero signs takes several instructions: 10.5"),
  "float-round": float(6, "eight cycles of latency, pipelined: 6.7"),
  "float-convert": float(5, "five to seven cycles of latency: 4.3 to 5.2"),
  "float-truncate": float(12, "to an integer, with range checks, trapping or saturating: 5 to 22"),
  "float-divide": float(12, "11 to 20 cycles, hardly pipelined: f32 11, f64 14, square root 15"),
  "vector-float-compare": float(3, "four cycles of latency, pipelined: 3.3, pseudo-minimum too"),
  "vector-float-sign": float(3, "a bit operation with a constant to load: 3.4"),
  "vector-float-add": float(3, "four cycles of latency, pipelined: add 1.9, multiply 2.5, on fewer units elsewhere"),
  "vector-float-minmax": float(12, "wasm's treatment of NaN and zero signs takes several instructions: 13"),
  "vector-float-round": float(6, "eight cycles of latency, pipelined: 6.7"),
  "vector-float-convert": float(12, "saturation takes several instructions: 11 to 14"),
  "vector-float-divide": float(16, "as scalar, with two to four lanes: 10 to 20"),
} as const satisfies Record<string, WeightClass>;

export type WeightClassName = keyof typeof WEIGHTS;

/**
 * Charged by length or by the piece, all to bitOps, before they act. The unit is an operation of average code, which
 * takes three times as long as the chains of the benchmark: about 0.3 ns.
 */
export const LENGTH_WEIGHTS = {
  /** Bytes that one operation of memory.copy, memory.fill, memory.init and of the host's copies moves. */
  bytesPerOp: 4,
  /** Operations per element of table.copy, table.fill, table.init and table.grow. */
  opsPerElement: 8,
  /** Operations per 64-KiB page that memory.grow grants or an instance starts with: zeroing, and the faults of first touch. */
  opsPerPage: 16_384,
  /** Operations per instance, hence per invocation: 11 to 28 µs. */
  opsPerInstance: 50_000,
  /** Operations per call of a host function, apart from bytes: about 1 µs. */
  opsPerHostCall: 3000,
  /** Operations per byte of `random_get`: ChaCha20. */
  opsPerRandomByte: 32,
  /** Operations per byte of a path: every second byte may be a name to look up. */
  opsPerPathByte: 200,
  /** Operations per entry of a directory that a host call walks along. */
  opsPerDirectoryEntry: 100,
} as const;
