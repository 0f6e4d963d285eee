import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import NoiseSecretStream from "@hyperswarm/secret-stream";
import fc from "fast-check";
import { signAnnouncement, signRecord, verifyRecord } from "./signables.ts";

/** hyperdht's own, which a page can't load. */
const hyperdht: {
  signMutable(seq: number, value: Uint8Array, keyPair: object): Uint8Array;
  signAnnounce(target: Uint8Array, token: Uint8Array, id: Uint8Array, ann: object, keyPair: object): Uint8Array;
  signUnannounce(target: Uint8Array, token: Uint8Array, id: Uint8Array, ann: object, keyPair: object): Uint8Array;
} = createRequire(import.meta.url)("hyperdht/lib/persistent.js");

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 });
const seqs = fc.oneof(
  fc.maxSafeNat(),
  fc.constantFrom(0, 0xfc, 0xfd, 0xffff, 0x10000, 2 ** 32 - 1, 2 ** 32, Number.MAX_SAFE_INTEGER),
);

test("what a page signs is what hyperdht would sign for it, so DHT nodes take it", () => {
  fc.assert(
    fc.property(
      ...[bytes32, seqs, fc.uint8Array({ maxLength: 1_000, size: "max" }), bytes32, bytes32, bytes32],
      (seed, seq, value, topic, nodeId, token) => {
        const keyPair = NoiseSecretStream.keyPair(Buffer.from(seed));
        const { signature } = signRecord(seq, value, keyPair);
        assert.equal(Buffer.compare(signature, hyperdht.signMutable(seq, Buffer.from(value), keyPair)), 0);
        const announcement = { peer: { publicKey: keyPair.publicKey, relayAddresses: [] }, refresh: null };
        for (const [kind, sign] of [
          ["announce", hyperdht.signAnnounce],
          ["unannounce", hyperdht.signUnannounce],
        ] as const) {
          const ours = signAnnouncement(kind, { topic, nodeId, token }, keyPair);
          const theirs = sign(Buffer.from(topic), Buffer.from(token), Buffer.from(nodeId), announcement, keyPair);
          assert.equal(Buffer.compare(ours, theirs), 0, kind);
        }
      },
    ),
    { numRuns: 50 },
  );
});

test("a record is taken for its key's only with that key's signature of this very seq and value", () => {
  const [own, other] = [NoiseSecretStream.keyPair(), NoiseSecretStream.keyPair()];
  fc.assert(
    fc.property(seqs, fc.uint8Array({ minLength: 1, maxLength: 200 }), fc.nat(), fc.nat(7), (seq, value, at, bit) => {
      const record = signRecord(seq, value, own);
      assert.ok(verifyRecord(record, own.publicKey));
      assert.ok(!verifyRecord(record, other.publicKey));
      assert.ok(!verifyRecord({ ...record, seq: seq === 0 ? 1 : seq - 1 }, own.publicKey));
      const forged = value.slice();
      forged[at % forged.length]! ^= 1 << bit;
      assert.ok(!verifyRecord({ ...record, value: forged }, own.publicKey));
      assert.ok(!verifyRecord({ ...record, value: value.subarray(1) }, own.publicKey));
      const signature = record.signature.slice();
      signature[at % 64]! ^= 1 << bit;
      assert.ok(!verifyRecord({ ...record, signature }, own.publicKey));
    }),
    { numRuns: 100 },
  );
});
