import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isDemecError } from "../errors.ts";
import {
  decodeRtcDescription,
  encodeRtcDescription,
  MAX_RTC_CANDIDATES,
  MAX_RTC_DESCRIPTION_BYTES,
  type RtcDescription,
} from "./rtcDescription.ts";

const iceText = (min: number, max: number) =>
  fc.string({
    unit: fc.constantFrom(..."ABCXYZabcxyz0189+/"),
    minLength: min,
    maxLength: max,
  });
const plain = { noNullPrototype: true } as const;
const descriptions: fc.Arbitrary<RtcDescription> = fc.record(
  {
    ufrag: iceText(4, 64),
    pwd: iceText(22, 256),
    fingerprint: fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => `0x${Buffer.from(bytes).toString("hex")}` as const),
    candidates: fc.array(
      fc.record(
        {
          type: fc.constantFrom("host" as const, "srflx" as const, "relay" as const),
          priority: fc.nat(2 ** 32 - 1),
          host: fc.oneof(fc.ipV4(), fc.ipV6()),
          port: fc.nat(65_535),
        },
        plain,
      ),
      { maxLength: MAX_RTC_CANDIDATES },
    ),
  },
  plain,
);

test("what is encoded is decoded again, within its limit", () => {
  fc.assert(
    fc.property(descriptions, (description) => {
      const bytes = encodeRtcDescription(description);
      assert.ok(bytes.length <= MAX_RTC_DESCRIPTION_BYTES);
      assert.deepEqual(decodeRtcDescription(bytes), description);
    }),
  );
});

test("any bytes are either the encoding of what they decode to, or malformed", () => {
  const mutated = fc
    .tuple(descriptions, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), fc.nat(8))
    .map(([description, changes, cut]) => {
      const bytes = encodeRtcDescription(description);
      for (const [at, value] of changes) bytes[at % bytes.length] = value;
      return bytes.subarray(0, bytes.length - cut);
    });
  fc.assert(
    fc.property(fc.oneof(mutated, fc.uint8Array({ maxLength: 1_100 })), (bytes) => {
      let decoded: RtcDescription;
      try {
        decoded = decodeRtcDescription(bytes);
      } catch (error) {
        assert.ok(isDemecError(error, "protocol/malformed"));
        return;
      }
      assert.deepEqual(encodeRtcDescription(decoded), Uint8Array.from(bytes));
    }),
    { numRuns: 3_000 },
  );
});

test("no text gets through that would be more than its own field of a session description", () => {
  const good: RtcDescription = {
    ufrag: "abcd",
    pwd: "a".repeat(22),
    fingerprint: `0x${"11".repeat(32)}`,
    candidates: [{ type: "host", priority: 1, host: "192.0.2.1", port: 1 }],
  };
  const refuses = (changes: Partial<RtcDescription>) =>
    assert.throws(() => decodeRtcDescription(encodeRtcDescription({ ...good, ...changes })), {
      code: "protocol/malformed",
    });
  refuses({ ufrag: "ab\r\na=b" });
  refuses({ ufrag: "abc" });
  refuses({ pwd: `${"a".repeat(22)}\n` });
  for (const host of ["evil.example", "fa17c1a4.local", "1.2.3.4 typ", "::1\n", "12"]) {
    refuses({ candidates: [{ type: "host", priority: 1, host, port: 1 }] });
  }
});
