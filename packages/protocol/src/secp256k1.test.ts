import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import * as native from "./secp256k1.node.ts";
import * as portable from "./secp256k1.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** One or two in 2¹²⁸ are no key: what is left to chance elsewhere is here, too. */
const key = bytes(32);

test("both implementations make the same signatures, and recover the same key from them", () => {
  fc.assert(
    fc.property(bytes(32), key, (digest, privateKey) => {
      const signature = portable.sign(digest, privateKey);
      assert.deepEqual(native.sign(digest, privateKey), signature);
      assert.deepEqual(native.recover(digest, signature), portable.recover(digest, signature));
    }),
    { numRuns: 50 },
  );
});

test("both implementations recover the same key from any bytes, or refuse them", () => {
  const scalar = fc.oneof(
    bytes(32),
    fc.constantFrom(0n, 1n, ORDER - 1n, ORDER, FIELD - 1n, 2n ** 256n - 1n).map(bytesOf),
  );
  fc.assert(
    fc.property(bytes(32), scalar, scalar, fc.constantFrom(0, 1), (digest, r, s, parity) => {
      const signature = { compact: Uint8Array.of(...r, ...s), parity };
      assert.deepEqual(outcomeOf(native, digest, signature), outcomeOf(portable, digest, signature));
    }),
    { numRuns: 100 },
  );
});

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const FIELD = 2n ** 256n - 2n ** 32n - 977n;

function bytesOf(value: bigint): Uint8Array {
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(64, "0"), "hex"));
}

function outcomeOf(
  { recover }: typeof portable,
  digest: Uint8Array,
  signature: portable.RecoverableSignature,
): Uint8Array | "refused" {
  try {
    return recover(digest, signature);
  } catch {
    return "refused";
  }
}
