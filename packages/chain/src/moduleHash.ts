import { type Hex, hexToBytes } from "viem";

/** SHA-256 of a service's module, 32 bytes; null where it has none and every call brings its own. */
export function moduleHashOf({ codeHash }: { readonly codeHash: Hex }): Uint8Array | null {
  const hash = hexToBytes(codeHash);
  return hash.every((byte) => byte === 0) ? null : hash;
}
