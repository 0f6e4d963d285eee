import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Advert } from "../messages.ts";
import { decodeAdvert, encodeAdvert, MAX_ADVERTISED_SERVICES } from "./advert.ts";

const bits = (count: bigint) => fc.bigInt(0n, 2n ** count - 1n);
const address = fc
  .uint8Array({ minLength: 20, maxLength: 20 })
  .map((bytes) => `0x${Buffer.from(bytes).toString("hex")}` as const);
const plain = { noNullPrototype: true };
const adverts: fc.Arbitrary<Advert> = fc.record(
  {
    chainId: fc.maxSafeNat(),
    accessToken: address,
    owner: address,
    expiry: fc.maxSafeNat(),
    inBrowser: fc.boolean(),
    services: fc.array(
      fc.record(
        {
          serviceId: bits(256n),
          freeSessions: fc.nat(2 ** 32 - 1),
          maxCredits: bits(128n),
          minValuePerCredit: bits(128n),
          bondPerCredit: bits(128n),
        },
        plain,
      ),
      { maxLength: MAX_ADVERTISED_SERVICES },
    ),
  },
  plain,
);

test("an advert comes back as it was, and fits a DHT record", () => {
  fc.assert(
    fc.property(adverts, (advert) => {
      const bytes = encodeAdvert(advert);
      assert.ok(bytes.length <= 1_000);
      assert.deepEqual(decodeAdvert(bytes), advert);
    }),
  );
});

test("cut, extended, foreign and random bytes are refused as malformed", () => {
  const malformed = { code: "protocol/malformed" };
  fc.assert(
    fc.property(adverts, fc.nat(), (advert, cut) => {
      const bytes = encodeAdvert(advert);
      assert.throws(() => decodeAdvert(bytes.subarray(0, cut % bytes.length)), malformed);
      assert.throws(() => decodeAdvert(Uint8Array.of(...bytes, 0)), malformed);
      assert.throws(() => decodeAdvert(Uint8Array.of(2, ...bytes.subarray(1))), malformed);
    }),
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      try {
        assert.deepEqual(encodeAdvert(decodeAdvert(bytes)), bytes);
      } catch (error) {
        assert.equal((error as { code?: string }).code, "protocol/malformed");
      }
    }),
    { numRuns: 10_000 },
  );
});
