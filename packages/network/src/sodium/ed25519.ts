import { ed25519 } from "@noble/curves/ed25519.js";
import { randomBytes } from "./random.ts";

export const crypto_sign_PUBLICKEYBYTES = 32;
export const crypto_sign_SECRETKEYBYTES = 64;
export const crypto_sign_SEEDBYTES = 32;
export const crypto_sign_BYTES = 64;
export const crypto_scalarmult_ed25519_BYTES = 32;
export const crypto_scalarmult_ed25519_SCALARBYTES = 32;

const { Point } = ed25519;

export function crypto_sign_keypair(publicKey: Uint8Array, secretKey: Uint8Array): void {
  const seed = new Uint8Array(crypto_sign_SEEDBYTES);
  randomBytes(seed);
  crypto_sign_seed_keypair(publicKey, secretKey, seed);
}

/** A secret key is the seed and the public key after it. */
export function crypto_sign_seed_keypair(publicKey: Uint8Array, secretKey: Uint8Array, seed: Uint8Array): void {
  publicKey.set(ed25519.getPublicKey(seed));
  secretKey.set(seed);
  secretKey.set(publicKey, crypto_sign_SEEDBYTES);
}

export function crypto_sign_ed25519_sk_to_pk(publicKey: Uint8Array, secretKey: Uint8Array): void {
  publicKey.set(secretKey.subarray(crypto_sign_SEEDBYTES, crypto_sign_SECRETKEYBYTES));
}

export function crypto_sign_detached(signature: Uint8Array, message: Uint8Array, secretKey: Uint8Array): void {
  signature.set(ed25519.sign(message, secretKey.subarray(0, crypto_sign_SEEDBYTES)));
}

/** By libsodium's rule: canonical encodings only, and no key or commitment of small order. */
export function crypto_sign_verify_detached(
  signature: Uint8Array,
  message: Uint8Array,
  publicKey: Uint8Array,
): boolean {
  try {
    if (Point.fromBytes(signature.subarray(0, 32)).isSmallOrder()) return false;
    return ed25519.verify(signature, message, publicKey, { zip215: false });
  } catch {
    return false;
  }
}

/**
 * Multiplies a point by a scalar, which is taken as it is but for its highest bit.
 * @throws for a point that is not canonical or not in the prime-order group, and for a product that is no key
 */
export function crypto_scalarmult_ed25519_noclamp(product: Uint8Array, scalar: Uint8Array, point: Uint8Array): void {
  const factor = Point.Fn.create(littleEndian(scalar) & HIGHEST_BIT_CLEAR);
  const base = Point.fromBytes(point);
  if (factor === 0n || base.isSmallOrder() || !base.isTorsionFree()) throw new Error("bad point or scalar");
  product.set(base.multiply(factor).toBytes());
}

const HIGHEST_BIT_CLEAR = 2n ** 255n - 1n;

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  return value;
}
