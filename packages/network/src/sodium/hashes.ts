import { chacha20poly1305 } from "@noble/ciphers/chacha.js";
import { blake2b } from "@noble/hashes/blake2.js";
import { sha512 } from "@noble/hashes/sha2.js";

export const crypto_aead_chacha20poly1305_ietf_NPUBBYTES = 12;
export const crypto_aead_chacha20poly1305_ietf_ABYTES = 16;

export function crypto_hash_sha512(output: Uint8Array, input: Uint8Array): void {
  output.set(sha512(input));
}

/** BLAKE2b of as many bytes as the output has. */
export function crypto_generichash(output: Uint8Array, input: Uint8Array, key?: Uint8Array): void {
  output.set(blake2b(input, { dkLen: output.length, ...(key && { key }) }));
}

/** As of all parts one after the other. */
export function crypto_generichash_batch(output: Uint8Array, parts: readonly Uint8Array[], key?: Uint8Array): void {
  const hash = blake2b.create({ dkLen: output.length, ...(key && { key }) });
  for (const part of parts) hash.update(part);
  output.set(hash.digest());
}

export function crypto_aead_chacha20poly1305_ietf_encrypt(
  ciphertext: Uint8Array,
  message: Uint8Array,
  additionalData: Uint8Array,
  _secretNonce: null,
  nonce: Uint8Array,
  key: Uint8Array,
): number {
  ciphertext.set(chacha20poly1305(key, nonce, additionalData).encrypt(message));
  return ciphertext.length;
}

/** @throws when it is not authentic */
export function crypto_aead_chacha20poly1305_ietf_decrypt(
  message: Uint8Array,
  _secretNonce: null,
  ciphertext: Uint8Array,
  additionalData: Uint8Array,
  nonce: Uint8Array,
  key: Uint8Array,
): number {
  message.set(chacha20poly1305(key, nonce, additionalData).decrypt(ciphertext));
  return message.length;
}
