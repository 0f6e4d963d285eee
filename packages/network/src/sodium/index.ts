/**
 * What the Noise stream and its libraries use of libsodium, for browsers: a bundle has it in place of `sodium-universal`,
 * whose own stand-in lacks a function that Noise needs. Equal to `sodium-native` by tests; the names are libsodium's.
 */
export * from "./ed25519.ts";
export * from "./hashes.ts";
export { randomBytes as randombytes_buf } from "./random.ts";
export * from "./secretstream.ts";

export function sodium_memzero(bytes: Uint8Array): void {
  bytes.fill(0);
}
