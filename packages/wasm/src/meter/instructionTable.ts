import { CORE_INSTRUCTIONS } from "./instructions.ts";
import { F32, F64, I32, I64, V128 } from "./valueType.ts";
import { VECTOR_INSTRUCTIONS } from "./vectorInstructions.ts";
import { WEIGHTS, type WeightClassName } from "./weights.ts";

/**
 * What may be known of the bits of a value. Arithmetic makes NaNs whose bits differ from engine to engine; copies must
 * keep theirs. `EXACT`: never touch; `NEUTRAL`: no NaN, whatever the lanes; `ARITHMETIC_*`: a NaN in these lanes, if there
 * is one, may be made canonical and must be before its bits show.
 */
export const EXACT = 0;
export const NEUTRAL = 1;
export const ARITHMETIC_32 = 2;
export const ARITHMETIC_64 = 3;
/** Result is what its operands are; only in the table. */
export const JOIN = 4;

/** Codes of prefixed instructions follow the plain ones: 0xfc at 256, 0xfd at 288. */
export const PREFIX_FC = 256;
export const PREFIX_FD = 288;
const CODES = PREFIX_FD + 256;

/** Instruction properties by code; arrays of numbers, because the rewriter reads them for every instruction. */
export const NAMES: (string | undefined)[] = new Array(CODES).fill(undefined);
export const BIT_WEIGHT = new Uint16Array(CODES);
export const FLOAT_WEIGHT = new Uint16Array(CODES);
/** 1 when operands and result are fixed, so that POPS and PUSHES say all about its effect on the operand stack. */
export const PLAIN = new Uint8Array(CODES);
export const POPS = new Uint8Array(CODES);
/** Type of the result, 0: none. */
export const PUSHES = new Uint8Array(CODES);
/** 1 when it observes the bits of operands that could be arithmetic NaNs of a class other than LANES. */
export const OBSERVES = new Uint8Array(CODES);
/** Class of operands whose bits it does not observe, or EXACT when it observes every operand. */
export const LANES = new Uint8Array(CODES);
export const YIELDS = new Uint8Array(CODES);

const TYPES: Readonly<Record<string, number>> = { i: I32, I: I64, f: F32, F: F64, v: V128 };
const FLOWS: Readonly<Record<string, readonly [lanes: number, yields: number]>> = {
  a32: [ARITHMETIC_32, ARITHMETIC_32],
  a64: [ARITHMETIC_64, ARITHMETIC_64],
  c32: [ARITHMETIC_32, EXACT],
  c64: [ARITHMETIC_64, EXACT],
  s32: [ARITHMETIC_32, JOIN],
  s64: [ARITHMETIC_64, JOIN],
  p: [ARITHMETIC_32, ARITHMETIC_64],
  d: [ARITHMETIC_64, ARITHMETIC_32],
  n: [EXACT, NEUTRAL],
  // A vector is never neutral by instruction: no NaN in its own lanes may be one in the other's.
  n32: [EXACT, ARITHMETIC_32],
  n64: [EXACT, ARITHMETIC_64],
};

/** Compact code of an instruction as the tables write it: 0xfc0a → 266. */
function compact(opcode: number): number {
  if (opcode >= 0xfd00) return PREFIX_FD + (opcode & 0xff);
  if (opcode >= 0xfc00) return PREFIX_FC + (opcode & 0xff);
  return opcode;
}

for (const line of `${CORE_INSTRUCTIONS}${VECTOR_INSTRUCTIONS}`.split("\n")) {
  if (line === "") continue;
  const [opcode, name, signature, weightClass, flow] = line.split(" ") as [
    string,
    string,
    string,
    WeightClassName,
    string?,
  ];
  const code = compact(Number(opcode));
  NAMES[code] = name;
  const { counter, weight } = WEIGHTS[weightClass];
  (counter === "bitOps" ? BIT_WEIGHT : FLOAT_WEIGHT)[code] = weight;
  const [lanes, yields] = flow === undefined ? [EXACT, EXACT] : FLOWS[flow]!;
  LANES[code] = lanes;
  YIELDS[code] = yields;
  if (signature === "*") continue;
  const [operands, result] = signature.split(":") as [string, string];
  // Bulk operations and growth are charged by length as well.
  PLAIN[code] = weightClass === "bulk" || weightClass === "memory-grow" ? 0 : 1;
  POPS[code] = operands.length;
  PUSHES[code] = result === "" ? 0 : TYPES[result]!;
  // Scalar operands of arithmetic are of its own lanes by their type; a vector may come from the other lanes.
  OBSERVES[code] = operands.includes("v") || (lanes === EXACT && /[fF]/.test(operands)) ? 1 : 0;
}
