import type { Hex } from "./eip712.ts";
import { DemecError } from "./errors.ts";
import { assertUint, UINT32_MAX } from "./usage.ts";

/** Bytes that are named instead of carried: the core tells who may have them, the hash what they are. */
export interface ContentReference {
  /** Key of the Hypercore that the bytes are found in, 32 bytes. */
  readonly coreKey: Hex;
  /** SHA-256 of the bytes: the unit of trust. */
  readonly sha256: Hex;
  /** uint32 bytes. */
  readonly length: number;
}

/** What of a call travels by content instead of on the channel. Decides nothing of the execution but by the bytes it names. */
export interface ByContent {
  /** The input; the request's own is empty then. */
  readonly input?: ContentReference | undefined;
  /** The module, where the service names none: bring your own code. */
  readonly module?: ContentReference | undefined;
  /** The output is published for the caller to fetch, instead of sent. */
  readonly output?: true | undefined;
}

const BYTES32 = /^0x[0-9a-f]{64}$/i;

/** @throws protocol/out-of-range naming the field that is no reference's */
export function assertContent(name: string, content: ContentReference): void {
  for (const key of ["coreKey", "sha256"] as const) {
    if (BYTES32.test(content[key])) continue;
    const what = `${name}.${key} is ${content[key]}, not 32 bytes in hexadecimal.`;
    throw new DemecError("protocol/out-of-range", what, { details: { name, [key]: content[key] } });
  }
  assertUint(`${name}.length`, content.length, UINT32_MAX);
}

/** A reference's hash, 32 bytes. */
export function contentHash({ sha256 }: Pick<ContentReference, "sha256">): Uint8Array {
  return Uint8Array.from({ length: 32 }, (_, i) => Number.parseInt(sha256.slice(2 + 2 * i, 4 + 2 * i), 16));
}
