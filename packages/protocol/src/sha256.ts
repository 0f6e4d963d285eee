import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";

/** SHA-256 of the concatenation of its arguments; portable. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = nobleSha256.create();
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA-256 of `bytes`, written to `target` from `offset` on. */
export function sha256Into(target: Uint8Array, offset: number, bytes: Uint8Array): void {
  target.set(nobleSha256(bytes), offset);
}
