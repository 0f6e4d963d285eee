import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { isDemecError } from "../errors.ts";
import {
  decodeGuideMessage,
  encodeGuideMessage,
  GUIDE_TYPE,
  type GuideMessage,
  MAX_GUIDE_MESSAGE_BYTES,
  MAX_GUIDE_PEERS,
  MAX_GUIDE_RECORD_BYTES,
  type SignedRecord,
} from "./guideMessages.ts";

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
/** Plain objects, as a decoder makes them, not null-prototype ones. */
const of = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
const typed = <T extends GuideMessage>(type: T["type"], fields: { [K in keyof Omit<T, "type">]: fc.Arbitrary<T[K]> }) =>
  of<T>({ type: fc.constant(type), ...fields } as never) as fc.Arbitrary<T>;

const id = fc.integer({ min: 0, max: 2 ** 32 - 1 });
const record = of<SignedRecord>({
  seq: fc.maxSafeNat(),
  value: fc.uint8Array({ maxLength: MAX_GUIDE_RECORD_BYTES }),
  signature: bytes(64),
});
const messages: fc.Arbitrary<GuideMessage> = fc.oneof(
  typed("lookup", { id, topic: bytes(32), limit: fc.nat(MAX_GUIDE_PEERS) }),
  typed("stop", { id }),
  typed("read", { id, publicKey: bytes(32), isNewest: fc.boolean() }),
  typed("put", { id, record }),
  typed("announce", { id, topic: bytes(32) }),
  typed("unannounce", { id, topic: bytes(32) }),
  typed("listen", { id }),
  typed("signed", { signId: id, signature: bytes(64) }),
  typed("peers", { id, publicKeys: fc.array(bytes(32), { maxLength: MAX_GUIDE_PEERS, size: "max" }) }),
  typed("record", { id, record: fc.option(record, { nil: null }) }),
  typed("done", { id }),
  typed("failed", { id, code: fc.constantFrom("network/guide-refused", "x".repeat(64)) }),
  typed("sign", { id, signId: id, nodeId: bytes(32), token: bytes(32) }),
);

test("every message decodes to what was encoded, within the limit", () => {
  fc.assert(
    fc.property(messages, (message) => {
      const encoded = encodeGuideMessage(message);
      assert.ok(encoded.length <= MAX_GUIDE_MESSAGE_BYTES);
      assert.deepEqual(decodeGuideMessage(encoded), message);
    }),
    { numRuns: 1_000 },
  );
});

test("any bytes are either the encoding of what they decode to, or malformed", () => {
  const random = fc
    .tuple(fc.constantFrom(...Object.values(GUIDE_TYPE), 0, 0xff), fc.uint8Array({ maxLength: 300 }))
    .map(([type, rest]) => Uint8Array.of(type, ...rest));
  const mutated = fc
    .tuple(messages, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(8))
    .map(([message, changes, cut]) => {
      const encoded = encodeGuideMessage(message);
      for (const [at, value] of changes) encoded[at % encoded.length] = value;
      return encoded.subarray(0, encoded.length - cut);
    });
  const long = fc.nat(64).map((more) => new Uint8Array(MAX_GUIDE_MESSAGE_BYTES + 1 + more).fill(2));
  fc.assert(
    fc.property(fc.oneof(mutated, random, long), (bytes) => {
      let decoded: GuideMessage;
      try {
        decoded = decodeGuideMessage(bytes);
      } catch (error) {
        assert.ok(isDemecError(error, "protocol/malformed"));
        return;
      }
      assert.deepEqual(encodeGuideMessage(decoded), Uint8Array.from(bytes));
    }),
    { numRuns: 5_000 },
  );
});

test("the golden vectors hold: these bytes mean these messages, for ever", () => {
  const file = new URL("../../../../test/vectors/guide.json", import.meta.url);
  const vectors = JSON.parse(readFileSync(file, "utf8"), (_key, value) =>
    typeof value === "string" && value.startsWith("bytes:")
      ? new Uint8Array(Buffer.from(value.slice(6), "hex"))
      : value,
  );
  assert.deepEqual(
    new Set(vectors.map(({ message }: { message: GuideMessage }) => message.type)),
    new Set(Object.keys(GUIDE_TYPE)),
  );
  for (const { hex, message } of vectors) {
    const encoded = new Uint8Array(Buffer.from(hex, "hex"));
    assert.deepEqual(decodeGuideMessage(encoded), message);
    assert.deepEqual(encodeGuideMessage(message), encoded);
  }
});
