import assert from "node:assert/strict";
import { test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import * as universal from "sodium-universal";
import * as shim from "./index.ts";

type Sodium = typeof shim;
/** In Node that is `sodium-native`. */
const { default: native } = universal as unknown as { default: Sodium };
const BOTH = [native, shim] as const;

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const anyBytes = fc.uint8Array({ maxLength: 300 });
/** Buffers: `sodium-native` wants them for outputs. */
const empty = (length: number) => Buffer.alloc(length);

/** What both give; that they throw counts as a result. */
function equal<T>(run: (sodium: Sodium) => T): T | "throws" {
  const [expected, actual] = BOTH.map((sodium) => {
    try {
      return run(sodium);
    } catch {
      return "throws" as const;
    }
  }) as [T | "throws", T | "throws"];
  assert.deepEqual(actual, expected);
  return expected;
}

function keyPair(seed: Uint8Array): { publicKey: Buffer; secretKey: Buffer } {
  const [publicKey, secretKey] = [empty(32), empty(64)];
  native.crypto_sign_seed_keypair(publicKey, secretKey, seed);
  return { publicKey, secretKey };
}

/** Encodings that a naive implementation takes for points of the group. */
const TORSION = ed25519.Point.fromHex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a");
const BAD_POINTS = [
  ...Array.from({ length: 8 }, (_, i) => (i === 0 ? ed25519.Point.ZERO : TORSION.multiply(BigInt(i)))),
  ed25519.Point.BASE.add(TORSION),
  ed25519.Point.BASE.multiply(7n).add(TORSION.double()),
]
  .map((point) => point.toBytes())
  // Not canonical: p, p + 1, and a sign where x is zero; not on the curve.
  .concat(
    [
      [0xed, 0x7f],
      [0xee, 0x7f],
      [0xed, 0xff],
      [0xff, 0xff],
    ].map(([low, high]) => edge(low!, high!)),
  )
  .concat([Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 1 : i === 31 ? 0x80 : 0)), new Uint8Array(32).fill(2)]);

function edge(low: number, high: number): Uint8Array {
  const bytes = new Uint8Array(32).fill(0xff);
  bytes[0] = low;
  bytes[31] = high;
  return bytes;
}

test("constants are libsodium's", () => {
  const constants = Object.entries(shim).filter(([, value]) => typeof value === "number");
  assert.ok(constants.length > 10);
  for (const [name, value] of constants) assert.equal(native[name as keyof Sodium], value, name);
});

test("keys and signatures are those of libsodium", () => {
  fc.assert(
    fc.property(bytes(32), anyBytes, (seed, message) => {
      const { publicKey, secretKey } = keyPair(seed);
      equal((sodium) => {
        const [key, secret, signature, again] = [empty(32), empty(64), empty(64), empty(32)];
        sodium.crypto_sign_seed_keypair(key, secret, seed);
        sodium.crypto_sign_detached(signature, message, secretKey);
        sodium.crypto_sign_ed25519_sk_to_pk(again, secretKey);
        assert.equal(sodium.crypto_sign_verify_detached(signature, message, publicKey), true);
        return [key, secret, signature, again];
      });
    }),
    { numRuns: 30 },
  );
});

test("a signature is good or bad as to libsodium: changed bits, other keys, points of small order, scalars out of range", () => {
  const order = ed25519.Point.Fn.ORDER;
  const point = fc.constantFrom(...BAD_POINTS);
  fc.assert(
    fc.property(
      ...[
        bytes(32),
        anyBytes,
        fc.nat(63),
        fc.nat(7),
        fc.constantFrom("bit", "key", "commitment", "both", "scalar"),
        point,
      ],
      (seed, message, at, bit, change, bad) => {
        const { publicKey, secretKey } = keyPair(seed);
        const signature = empty(64);
        native.crypto_sign_detached(signature, message, secretKey);
        let key: Uint8Array = publicKey;
        if (change === "bit") signature[at]! ^= 1 << bit;
        if (change === "key" || change === "both") key = bad;
        if (change === "commitment" || change === "both") signature.set(bad);
        if (change === "both") signature.fill(0, 32);
        if (change === "scalar") {
          const scalar = ed25519.Point.Fn.fromBytes(signature.subarray(32)) + order;
          for (let i = 0; i < 32; i++) signature[32 + i] = Number((scalar >> BigInt(8 * i)) & 255n);
        }
        assert.equal(
          equal((sodium) => sodium.crypto_sign_verify_detached(signature, message, key)),
          false,
        );
      },
    ),
    { numRuns: 150 },
  );
});

test("points are multiplied as by libsodium, and points outside the prime-order group are refused", () => {
  const multiply = (scalar: Uint8Array, point: Uint8Array) =>
    equal((sodium) => {
      const product = empty(32);
      sodium.crypto_scalarmult_ed25519_noclamp(product, scalar, point);
      return product;
    });
  fc.assert(
    fc.property(bytes(32), bytes(32), (scalar, seed) => {
      assert.notEqual(multiply(scalar, keyPair(seed).publicKey), "throws");
    }),
    { numRuns: 25 },
  );
  const { publicKey } = keyPair(new Uint8Array(32));
  assert.equal(multiply(new Uint8Array(32), publicKey), "throws", "zero");
  assert.equal(
    multiply(
      Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? 0x80 : 0)),
      publicKey,
    ),
    "throws",
  );
  for (const point of BAD_POINTS) assert.equal(multiply(new Uint8Array(32).fill(8), point), "throws");
});

test("hashes and the handshake's cipher are libsodium's", () => {
  fc.assert(
    fc.property(
      ...[fc.constantFrom(32, 64), fc.array(anyBytes, { minLength: 1, maxLength: 5 }), anyBytes, bytes(12), bytes(32)],
      (length, parts, message, nonce, key) => {
        const associated = parts[0]!;
        equal((sodium) => {
          const [whole, keyed, batch, sha512] = [empty(length), empty(length), empty(length), empty(64)];
          sodium.crypto_generichash(whole, message);
          sodium.crypto_generichash(keyed, message, Buffer.from(key));
          sodium.crypto_generichash_batch(
            batch,
            parts.map((part) => Buffer.from(part)),
          );
          sodium.crypto_hash_sha512(sha512, message);
          const sealed = empty(message.length + 16);
          sodium.crypto_aead_chacha20poly1305_ietf_encrypt(sealed, message, associated, null, nonce, key);
          const opened = empty(message.length);
          sodium.crypto_aead_chacha20poly1305_ietf_decrypt(opened, null, sealed, associated, nonce, key);
          assert.deepEqual(Buffer.compare(opened, message), 0);
          return [whole, keyed, batch, sha512, sealed];
        });
        const forged = empty(message.length + 16);
        const open = (sodium: Sodium) =>
          sodium.crypto_aead_chacha20poly1305_ietf_decrypt(empty(message.length), null, forged, associated, nonce, key);
        assert.equal(equal(open), "throws");
      },
    ),
    { numRuns: 100 },
  );
});

test("a secret stream is libsodium's in both directions, its state after each message too, in place as the Noise stream uses it", () => {
  const messages = fc.array(fc.tuple(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(0, 1, 2, 3)), { maxLength: 8 });
  fc.assert(
    fc.property(bytes(32), messages, fc.constantFrom(0, 0xfe), (key, messages, counterByte) => {
      for (const [sender, receiver] of [BOTH, [shim, native]] as const) {
        const [header, sending, receiving, shadow] = [empty(24), empty(52), empty(52), empty(52)];
        sender.crypto_secretstream_xchacha20poly1305_init_push(sending, header, key);
        receiver.crypto_secretstream_xchacha20poly1305_init_pull(receiving, header, key);
        sender.crypto_secretstream_xchacha20poly1305_init_pull(shadow, header, key);
        assert.deepEqual(receiving, shadow);
        // Near the end of the counter, where the key changes by itself.
        for (const state of [sending, receiving])
          state.fill(counterByte === 0 ? 0 : 0xff, 33, 36)[32] = counterByte + 1;
        for (const [message, tag] of messages) {
          const wrapped = empty(message.length + 17);
          wrapped.set(message, 1);
          const plain = wrapped.subarray(1, 1 + message.length);
          sender.crypto_secretstream_xchacha20poly1305_push(sending, wrapped, plain, null, tag);
          const seen = empty(1);
          assert.equal(
            receiver.crypto_secretstream_xchacha20poly1305_pull(receiving, plain, seen, wrapped, null),
            message.length,
          );
          assert.deepEqual([Buffer.compare(plain, message), seen[0]], [0, tag]);
          assert.deepEqual(receiving, sending);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("no byte of a secret stream's message can be changed, left out or repeated", () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ minLength: 1, maxLength: 100 }),
      fc.nat(),
      fc.integer({ min: 1, max: 255 }),
      (message, at, flip) => {
        const [header, sending, receiving, key] = [empty(24), empty(52), empty(52), empty(32)];
        native.crypto_secretstream_xchacha20poly1305_init_push(sending, header, key);
        shim.crypto_secretstream_xchacha20poly1305_init_pull(receiving, header, key);
        const sealed = empty(message.length + 17);
        native.crypto_secretstream_xchacha20poly1305_push(sending, sealed, message, null, 0);
        const pull = (bytes: Uint8Array) =>
          shim.crypto_secretstream_xchacha20poly1305_pull(receiving, empty(bytes.length - 17), empty(1), bytes, null);
        const forged = Buffer.from(sealed);
        forged[at % forged.length]! ^= flip;
        assert.throws(() => pull(forged), /not authentic/);
        if (message.length > 1) assert.throws(() => pull(sealed.subarray(0, -1)), /not authentic/);
        pull(sealed);
        assert.throws(() => pull(sealed), /not authentic/);
      },
    ),
  );
});

test("a message above the shared workspace, and more random bytes than are given at once", () => {
  const message = empty(200_000);
  shim.randombytes_buf(message);
  assert.ok(message.subarray(-32).some((byte) => byte !== 0));
  const [header, sending, receiving, key] = [empty(24), empty(52), empty(52), empty(32)];
  shim.crypto_secretstream_xchacha20poly1305_init_push(sending, header, key);
  native.crypto_secretstream_xchacha20poly1305_init_pull(receiving, header, key);
  const [sealed, opened] = [empty(message.length + 17), empty(message.length)];
  shim.crypto_secretstream_xchacha20poly1305_push(sending, sealed, message, null, 0);
  native.crypto_secretstream_xchacha20poly1305_pull(receiving, opened, empty(1), sealed, null);
  assert.equal(Buffer.compare(opened, message), 0);
});
