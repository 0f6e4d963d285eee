import { createHash } from "node:crypto";

/** SHA-256 of the concatenation of its arguments; Node's native one is some ten times faster than a portable one. */
export function sha256(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}
