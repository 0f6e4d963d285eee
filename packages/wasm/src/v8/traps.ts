import { STATUS, type Status } from "@demec/protocol/execution";

/** What V8 says of each trap; `WebAssembly.Instance` prefixes segments' with the segment. */
const MESSAGES: readonly (readonly [text: string, status: Status])[] = [
  ["unreachable", STATUS.unreachable],
  ["memory access out of bounds", STATUS.memoryOutOfBounds],
  ["divide by zero", STATUS.divisionByZero],
  ["remainder by zero", STATUS.divisionByZero],
  ["divide result unrepresentable", STATUS.integerOverflow],
  ["float unrepresentable in integer range", STATUS.invalidConversion],
  ["null function or function signature mismatch", STATUS.indirectCallMismatch],
  // What V8 15 makes of the one above.
  ["null function", STATUS.indirectCallMismatch],
  ["function signature mismatch", STATUS.indirectCallMismatch],
];
/** Any mention of a data segment is memory, of an element segment or a table a table. */
const BOUNDS: readonly (readonly [pattern: RegExp, status: Status])[] = [
  [/data segment.*out of bounds/, STATUS.memoryOutOfBounds],
  [/(element segment|table).*out of bounds/, STATUS.tableOutOfBounds],
];

/** Status of a trap, or undefined for an error that is no trap of the program: the host's. */
export function trapStatus(error: unknown): Status | undefined {
  if (!(error instanceof WebAssembly.RuntimeError)) return undefined;
  for (const [text, status] of MESSAGES) if (error.message === text) return status;
  for (const [pattern, status] of BOUNDS) if (pattern.test(error.message)) return status;
  return undefined;
}
