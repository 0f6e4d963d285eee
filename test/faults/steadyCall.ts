// What a steady buyer asks for, known from the call's name alone: to the buyer, and to the test that recomputes it.
import type { Limits } from "@demec/protocol";

/** `small` and `large` go whole, the large ones in fragments both ways; of a stream its reader may leave in the middle. */
export type CallKind = "small" | "large" | "streamed" | "cut";

/** What one call may take; it takes a third of the operations. */
const SMALL: Limits = { bitOps: 200_000n, floatOps: 0n, memoryPages: 256, outputBytes: 1_024 };
const LARGE: Limits = { bitOps: 20_000_000n, floatOps: 0n, memoryPages: 256, outputBytes: 1 << 20 };
/** More than a frame, and more than a window of a stream: who does not read holds its program back. */
const BYTES = { large: 100_000, streamed: 700_000 } as const;

export interface SteadyCall {
  readonly kind: CallKind;
  readonly input: Uint8Array;
  readonly limits: Limits;
}

/** @param name the buyer's, and a running number: no two calls of any process are alike */
export function steadyCall(name: string): SteadyCall {
  const kind = kindOf(name);
  if (kind === "small") return { kind, input: Buffer.from(name), limits: SMALL };
  const length = kind === "large" ? BYTES.large : BYTES.streamed;
  return { kind, input: Buffer.alloc(length, `${name}, `), limits: LARGE };
}

/** What the function makes of it. */
export function outputOf({ input }: SteadyCall): Uint8Array {
  return Buffer.from(Buffer.from(input).toString("latin1").toUpperCase(), "latin1");
}

export function kindOf(name: string): CallKind {
  const number = Number(name.split(" ").at(-1));
  if (number % 16 === 5) return "large";
  if (number % 128 === 29) return "cut";
  return number % 32 === 13 ? "streamed" : "small";
}
