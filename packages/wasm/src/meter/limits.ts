/**
 * Constants of the protocol (METER_VERSION 1): a module over one of them is refused, on every engine alike, before
 * anything compiles it. They keep the cost of compiling bounded and stay below the implementation limits of engines,
 * also after rewriting.
 */
export const MODULE_LIMITS = {
  moduleBytes: 32 << 20,
  types: 100_000,
  functions: 100_000,
  imports: 1_000,
  exports: 10_000,
  globals: 100_000,
  tables: 16,
  elementSegments: 100_000,
  dataSegments: 100_000,
  /** Parameters, and likewise results, of one function type. */
  functionTypeValues: 1_000,
  /** Parameters and declared locals of one function. */
  locals: 20_000,
  /** Of all functions together. */
  moduleLocals: 4_000_000,
  /**
   * Locals and operands, summed over every place where ways through a function part or meet: what compilers work
   * through. Of one function (0.4 million is the most seen in real modules), and of all together.
   */
  mergedValues: 4_000_000,
  moduleMergedValues: 32_000_000,
  /** One function's code, before rewriting and after. */
  functionBytes: 2 << 20,
  rewrittenFunctionBytes: 7_000_000,
  branchTableTargets: 65_000,
  /** Blocks inside one another. */
  nesting: 5_000,
  /** Elements of all tables together: the initial ones are refused beyond, growth is denied (table.grow gives -1). */
  tableElements: 1_000_000,
  memoryPages: 65_536,
} as const;

/** Exports that start with it belong to the meter. */
export const RESERVED_PREFIX = "demec:";

/** Names of the meter's own exports. */
export const METER_EXPORTS = {
  /** Packed counters, see COUNTERS. */
  work: `${RESERVED_PREFIX}work`,
  bitOps: `${RESERVED_PREFIX}bitOps`,
  floatOps: `${RESERVED_PREFIX}floatOps`,
  stack: `${RESERVED_PREFIX}stack`,
  pages: `${RESERVED_PREFIX}pages`,
  start: `${RESERVED_PREFIX}start`,
} as const;

/** Names of the meter's own import, for engines that ask for it. */
export const METER_IMPORTS = { module: "demec", memory: "memory" } as const;

/**
 * The call stack is bounded by these instead of by the engine's native stack, whose depth differs by engine and
 * compiler tier. The unit is a slot of 8 bytes in the frame of a baseline compiler (docs/meter.md has the measurements).
 */
export const STACK = {
  /** Slots of all frames together. */
  budgetSlots: 40_000,
  /** Slots of a frame beyond its values: return address, saved registers, instance, spills around calls. */
  frameSlots: 16,
  /** A function that calls nothing and needs no more than this is not charged: one such frame fits into the reserve. */
  leafSlots: 64,
} as const;

/** A function without loops and calls that costs at most this is not checked at its entry: its caller is. */
export const UNCHECKED_LEAF_OPS = 100;

/**
 * The counters are packed into one i64, so that one subtraction charges both: bit operations in its low 32 bits, float
 * operations in its high ones, each signed. They hold at most a quantum; the rest is in the globals `bitOps` and
 * `floatOps`, and a check that finds one negative fetches more. What is left of a limit is the sum of both places.
 */
export const COUNTERS = {
  /**
   * Small, because functions without float operations do not test the float counter: all that functions called from
   * them may charge to it without a test, UNCHECKED_LEAF_OPS a call, stays below 2^30 until this is used up.
   */
  bitQuantum: 2 ** 26,
  floatQuantum: 2 ** 30,
  /** What a function may charge without a check; times the number of frames that fit into the stack it stays below 2^30. */
  uncheckedOps: 2 ** 18,
} as const;

/** Calls whose function stands in for them; work is counted as if they were calls. */
export const INLINING = {
  /** Largest body. */
  bodyBytes: 64,
  /** Most parameters and locals of it. */
  locals: 16,
  /** Calls of a function in itself stand for themselves this deep. */
  recursionDepth: 2,
  /** What each of them adds to its body. */
  overheadBytes: 8,
  /** A function may grow by this, and by its own size. */
  growthBytes: 256,
} as const;
