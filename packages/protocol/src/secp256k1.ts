import { secp256k1 } from "@noble/curves/secp256k1.js";

/** An ECDSA signature from which its key can be recovered. */
export interface RecoverableSignature {
  /** r ‖ s, 64 bytes, s low. */
  readonly compact: Uint8Array;
  /** Parity of the y of R: 0 or 1. */
  readonly parity: number;
}

/**
 * Signs a digest, with the nonce of RFC 6979.
 * @param digest 32 bytes
 * @param privateKey 32 bytes
 * @throws when either is none
 */
export function sign(digest: Uint8Array, privateKey: Uint8Array): RecoverableSignature {
  const recovered = secp256k1.sign(digest, privateKey, { prehash: false, format: "recovered" });
  return { compact: recovered.subarray(1), parity: recovered[0]! };
}

/** The key that signed: 65 bytes, uncompressed. @throws when there is none */
export function recover(digest: Uint8Array, { compact, parity }: RecoverableSignature): Uint8Array {
  const recovered = new Uint8Array(65);
  recovered[0] = parity;
  recovered.set(compact, 1);
  const compressed = secp256k1.recoverPublicKey(recovered, digest, { prehash: false });
  return secp256k1.Point.fromBytes(compressed).toBytes(false);
}
