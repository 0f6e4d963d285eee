import { createXXHash128 } from "hash-wasm";

const hasher = await createXXHash128();

/** A fast hash of what tests compare, in browsers too: nobody forges it. */
export function digest(...parts: readonly (Uint8Array | string)[]): string {
  hasher.init();
  for (const part of parts) hasher.update(part);
  return hasher.digest();
}
