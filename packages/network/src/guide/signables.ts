import type { SignedRecord } from "@demec/protocol";
import { crypto_generichash, crypto_sign_detached, crypto_sign_verify_detached } from "sodium-universal";

// What hyperdht signs, of which it exports nothing that a browser could load (its lib/persistent.js and lib/messages.js).
// A test compares each with hyperdht's own.

export interface KeyPair {
  readonly publicKey: Uint8Array;
  readonly secretKey: Uint8Array;
}

/** hyperdht's numbers of the commands whose signatures these are. */
const COMMANDS = { announce: 4, unannounce: 5, mutablePut: 6 } as const;

/** What is said of an announcement: the DHT node that is to keep it, by its id, and the token it gave. */
export interface Announcement {
  readonly topic: Uint8Array;
  readonly nodeId: Uint8Array;
  readonly token: Uint8Array;
}

/** @throws where the value is too long to be signed */
export function signRecord(seq: number, value: Uint8Array, keyPair: KeyPair): SignedRecord {
  return { seq, value, signature: sign(recordSignable(seq, value), keyPair) };
}

/** Whether the holder of the key has signed this record. */
export function verifyRecord({ seq, value, signature }: SignedRecord, publicKey: Uint8Array): boolean {
  return crypto_sign_verify_detached(signature, recordSignable(seq, value), publicKey);
}

/** Of a node that no DHT node knows the way to: it names none. */
export function signAnnouncement(
  kind: "announce" | "unannounce",
  { topic, nodeId, token }: Announcement,
  keyPair: KeyPair,
): Uint8Array {
  const noRelays = Uint8Array.of(0);
  const hash = hashOf(topic, nodeId, token, keyPair.publicKey, noRelays);
  return sign(joined(namespaceOf(COMMANDS[kind]), hash), keyPair);
}

function recordSignable(seq: number, value: Uint8Array): Uint8Array {
  return joined(namespaceOf(COMMANDS.mutablePut), hashOf(compactUint(seq), compactUint(value.length), value));
}

function sign(message: Uint8Array, keyPair: KeyPair): Uint8Array {
  const signature = new Uint8Array(64);
  crypto_sign_detached(signature, message, keyPair.secretKey);
  return signature;
}

function namespaceOf(command: number): Uint8Array {
  return hashOf(joined(hashOf(new TextEncoder().encode("hyperswarm/dht")), Uint8Array.of(command)));
}

function hashOf(...parts: readonly Uint8Array[]): Uint8Array {
  const hash = new Uint8Array(32);
  crypto_generichash(hash, joined(...parts));
  return hash;
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** compact-encoding's `uint`. */
function compactUint(value: number): Uint8Array {
  if (value < 0xfd) return Uint8Array.of(value);
  const [marker, width] = value <= 0xffff ? [0xfd, 2] : value <= 0xffff_ffff ? [0xfe, 4] : [0xff, 8];
  return Uint8Array.from({ length: 1 + width }, (_, i) =>
    i === 0 ? marker : Math.floor(value / 256 ** (i - 1)) % 256,
  );
}
