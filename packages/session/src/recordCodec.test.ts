import assert from "node:assert/strict";
import { test } from "node:test";
import { type Hex, RECEIPT_BYTES } from "@demec/protocol";
import fc from "fast-check";
import { decodeRecords, encodeRecords } from "./recordCodec.ts";
import type { JournalRecord } from "./records.ts";

const hex = (bytes: number) =>
  fc.uint8Array({ minLength: bytes, maxLength: bytes }).map((raw): Hex => `0x${Buffer.from(raw).toString("hex")}`);
const uint64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const uint128 = fc.bigInt({ min: 0n, max: 2n ** 128n - 1n });
const callId = fc.maxSafeNat();
const ids = fc.array(callId, { maxLength: 20 });
const state = fc.record({
  sessionId: hex(32),
  seq: uint64,
  creditsUsed: uint128,
  invocations: uint64,
  breaches: uint64,
  receiptsRoot: hex(32),
  isFinal: fc.boolean(),
});
const signed = fc.record({ state, operatorSig: hex(65), sessionKeySig: hex(65) });
const type = <T extends string>(name: T) => fc.constant(name);

const record: fc.Arbitrary<JournalRecord> = fc.oneof(
  fc.record({ type: type("reserved"), below: callId }),
  fc.record({
    type: type("receipt"),
    callId,
    receipt: fc.uint8Array({ minLength: RECEIPT_BYTES, maxLength: RECEIPT_BYTES }),
  }),
  fc.record({ type: type("fault"), callId }),
  fc.record({ type: type("waived"), callId }),
  fc.record({ type: type("writtenOff"), credits: uint128 }),
  fc.record({ type: type("proposed"), state, operatorSig: hex(65), callIds: ids, faultIds: ids }),
  fc.record({ type: type("withdrawn"), seq: uint64 }),
  fc.record({ type: type("accepted"), seq: uint64, sessionKeySig: hex(65) }),
  fc.record({ type: type("cosigned"), signed, callIds: ids, faultIds: ids }),
  fc.record({ type: type("adopted"), signed }),
  fc.record({ type: type("closing") }),
  fc.record({ type: type("halted"), code: fc.string(), message: fc.string({ unit: "grapheme" }) }),
);
const records = fc.array(record, { maxLength: 12 });

test("every list of records decodes to itself", () => {
  fc.assert(
    fc.property(records, (list) => {
      assert.deepEqual(plain(decodeRecords(encodeRecords(list))), plain(list));
    }),
  );
});

test("damaged bytes decode to records or are refused as corrupt, and nothing else", () => {
  fc.assert(
    fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), fc.boolean(), (list, at, flip, cut) => {
      const bytes = encodeRecords(list);
      const damaged = cut ? bytes.slice(0, at % bytes.length) : bytes.slice();
      if (!cut) damaged[at % bytes.length]! ^= flip;
      try {
        decodeRecords(damaged);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "session/journal-corrupt");
      }
    }),
  );
});

test("a layout or record of a later version is refused, not guessed at", () => {
  for (const bytes of [Uint8Array.of(2), Uint8Array.of(1, 200), new Uint8Array(0)]) {
    assert.throws(() => decodeRecords(bytes), { code: "session/journal-corrupt" });
  }
});

/** fast-check makes objects without a prototype and views into larger buffers. */
function plain(list: readonly JournalRecord[]): unknown {
  return list.map((entry) => {
    const copy: Record<string, unknown> = structuredClone(entry);
    if (entry.type === "receipt") copy.receipt = [...entry.receipt];
    return copy;
  });
}
