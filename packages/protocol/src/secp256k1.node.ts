import { recover as recoverPoint, signRecoverable } from "tiny-secp256k1";
import type { RecoverableSignature } from "./secp256k1.ts";

// libsecp256k1 as WebAssembly: a signature takes a sixth of the time that it takes in JavaScript, and the event loop of
// a session's end, which signs one state and verifies another a few times a second, stalls the less.

/** As in `secp256k1.ts`, to the byte. */
export function sign(digest: Uint8Array, privateKey: Uint8Array): RecoverableSignature {
  const { signature, recoveryId } = signRecoverable(digest, privateKey);
  return { compact: signature, parity: recoveryId };
}

/** As in `secp256k1.ts`. */
export function recover(digest: Uint8Array, { compact, parity }: RecoverableSignature): Uint8Array {
  const point = recoverPoint(digest, compact, parity as 0 | 1, false);
  if (point === null) throw new RangeError("no key made the signature");
  return point;
}
