import { Poly1305 } from "@noble/ciphers/_poly1305.js";
import { chacha20, hchacha } from "@noble/ciphers/chacha.js";
import { randomBytes } from "./random.ts";

// libsodium's crypto_secretstream_xchacha20poly1305, byte for byte, its state's layout too; without additional data,
// which the Noise stream doesn't use. https://doc.libsodium.org/secret-key_cryptography/secretstream

export const crypto_secretstream_xchacha20poly1305_ABYTES = 17;
export const crypto_secretstream_xchacha20poly1305_HEADERBYTES = 24;
export const crypto_secretstream_xchacha20poly1305_KEYBYTES = 32;
export const crypto_secretstream_xchacha20poly1305_STATEBYTES = 52;
export const crypto_secretstream_xchacha20poly1305_TAG_MESSAGE = 0;
export const crypto_secretstream_xchacha20poly1305_TAG_PUSH = 1;
export const crypto_secretstream_xchacha20poly1305_TAG_REKEY = 2;
export const crypto_secretstream_xchacha20poly1305_TAG_FINAL = 3;

const ABYTES = crypto_secretstream_xchacha20poly1305_ABYTES;
const MAC_BYTES = 16;
const BLOCK_BYTES = 64;
/** First the authenticator's one-time key and a block with the tag, then the message. */
const LEAD_BYTES = 2 * BLOCK_BYTES;
/** After the message: zeros and two lengths, which the authenticator takes in. */
const TRAIL_BYTES = 2 * MAC_BYTES;
/** "expand 32-byte k" */
const SIGMA = Uint32Array.of(0x61707865, 0x3320646e, 0x79622d32, 0x6b206574);

/** Where one message at a time is worked on; longer ones get memory of their own. */
const shared = new Uint8Array(LEAD_BYTES + 65_536 + TRAIL_BYTES);
const mac = new Uint8Array(MAC_BYTES);

export function crypto_secretstream_xchacha20poly1305_keygen(key: Uint8Array): void {
  randomBytes(key);
}

export function crypto_secretstream_xchacha20poly1305_init_push(
  state: Uint8Array,
  header: Uint8Array,
  key: Uint8Array,
): void {
  randomBytes(header);
  crypto_secretstream_xchacha20poly1305_init_pull(state, header, key);
}

export function crypto_secretstream_xchacha20poly1305_init_pull(
  state: Uint8Array,
  header: Uint8Array,
  key: Uint8Array,
): void {
  const subkey = new Uint32Array(8);
  hchacha(SIGMA, words(key), words(header.subarray(0, 16)), subkey);
  state.set(new Uint8Array(subkey.buffer));
  resetCounter(state);
  state.set(header.subarray(16, 24), 36);
  state.fill(0, 44);
}

/** @returns bytes of the ciphertext, which may lie where the message lies, one byte before it */
export function crypto_secretstream_xchacha20poly1305_push(
  state: Uint8Array,
  ciphertext: Uint8Array,
  message: Uint8Array,
  additionalData: null,
  tag: number,
): number {
  assertNone(additionalData);
  if (ciphertext.length !== message.length + ABYTES) throw new Error("push failed: wrong length of the ciphertext");
  const work = workspace(message.length);
  const end = LEAD_BYTES + message.length;
  work.fill(0, 0, LEAD_BYTES);
  work[BLOCK_BYTES] = tag;
  work.set(message, LEAD_BYTES);
  const sealed = work.subarray(0, end);
  chacha20(state.subarray(0, 32), state.subarray(32, 44), sealed, sealed, 0);
  authenticate(work, message.length);
  ciphertext[0] = work[BLOCK_BYTES]!;
  ciphertext.set(work.subarray(LEAD_BYTES, end), 1);
  ciphertext.set(mac, 1 + message.length);
  advance(state, tag);
  return ciphertext.length;
}

/** @returns bytes of the message, which may lie where the ciphertext lies. @throws when it is none of this stream's next */
export function crypto_secretstream_xchacha20poly1305_pull(
  state: Uint8Array,
  message: Uint8Array,
  tag: Uint8Array,
  ciphertext: Uint8Array,
  additionalData: null,
): number {
  assertNone(additionalData);
  if (ciphertext.length < ABYTES || message.length !== ciphertext.length - ABYTES) {
    throw new Error("pull failed: wrong length of the ciphertext");
  }
  const work = workspace(message.length);
  const lead = work.subarray(0, LEAD_BYTES);
  const key = state.subarray(0, 32);
  const nonce = state.subarray(32, 44);
  const sealed = ciphertext.subarray(1, 1 + message.length);
  lead.fill(0);
  lead[BLOCK_BYTES] = ciphertext[0]!;
  chacha20(key, nonce, lead, lead, 0);
  const opened = lead[BLOCK_BYTES]!;
  lead[BLOCK_BYTES] = ciphertext[0]!;
  work.set(sealed, LEAD_BYTES);
  authenticate(work, message.length);
  let difference = 0;
  for (let i = 0; i < MAC_BYTES; i++) difference |= mac[i]! ^ ciphertext[1 + message.length + i]!;
  if (difference !== 0) throw new Error("pull failed: the ciphertext is not authentic");
  chacha20(key, nonce, sealed, message, 2);
  tag[0] = opened;
  advance(state, opened);
  return message.length;
}

function workspace(messageBytes: number): Uint8Array {
  const bytes = LEAD_BYTES + messageBytes + TRAIL_BYTES;
  return bytes <= shared.length ? shared : new Uint8Array(bytes);
}

/** Sets `mac`: of the block with the tag and the ciphertext after it, by the one-time key before them. */
function authenticate(work: Uint8Array, messageBytes: number): void {
  // As libsodium pads: not to the end of a block, which would be 16 − that.
  const padding = messageBytes % MAC_BYTES;
  const lengths = LEAD_BYTES + messageBytes + padding;
  const end = lengths + MAC_BYTES;
  work.fill(0, LEAD_BYTES + messageBytes, end);
  // Of the additional data's length nothing is left but zeros.
  writeUint32(work, lengths + 8, BLOCK_BYTES + messageBytes);
  const authenticator = new Poly1305(work.subarray(0, 32));
  authenticator.update(work.subarray(BLOCK_BYTES, end)).digestInto(mac);
}

/** The nonce of the next message depends on the last one's authenticator, and from time to time the key changes. */
function advance(state: Uint8Array, tag: number): void {
  for (let i = 0; i < 8; i++) state[36 + i]! ^= mac[i]!;
  let carry = 1;
  for (let i = 32; i < 36; i++) {
    carry += state[i]!;
    state[i] = carry;
    carry >>= 8;
  }
  if (carry !== 0 || (tag & crypto_secretstream_xchacha20poly1305_TAG_REKEY) !== 0) rekey(state);
}

function rekey(state: Uint8Array): void {
  const fresh = new Uint8Array(40);
  fresh.set(state.subarray(0, 32));
  fresh.set(state.subarray(36, 44), 32);
  chacha20(state.subarray(0, 32), state.subarray(32, 44), fresh, fresh, 0);
  state.set(fresh.subarray(0, 32));
  resetCounter(state);
  state.set(fresh.subarray(32), 36);
}

function resetCounter(state: Uint8Array): void {
  writeUint32(state, 32, 1);
}

function writeUint32(bytes: Uint8Array, at: number, value: number): void {
  for (let i = 0; i < 4; i++) bytes[at + i] = value >>> (8 * i);
}

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.slice().buffer);
}

function assertNone(additionalData: null): void {
  if (additionalData !== null) throw new Error("additional data is not supported");
}
