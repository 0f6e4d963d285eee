import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import * as native from "./sha256.node.ts";
import * as portable from "./sha256.ts";

test("both implementations hash the concatenation of their arguments, of any number and size", () => {
  const sizes = fc.oneof(fc.nat(200), fc.constantFrom(0, 16_383, 16_384, 16_385, 40_000));
  fc.assert(
    fc.property(fc.array(sizes, { maxLength: 5 }), fc.nat(255), (lengths, seed) => {
      const parts = lengths.map((length, i) => new Uint8Array(length).map((_, j) => seed + 31 * i + j));
      const expected = new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest());
      for (const { sha256, sha256Into } of [native, portable]) {
        assert.deepEqual(sha256(...parts), expected);
        const target = new Uint8Array(40);
        sha256Into(target, 5, Buffer.concat(parts));
        assert.deepEqual(target, Uint8Array.of(0, 0, 0, 0, 0, ...expected, 0, 0, 0));
      }
    }),
  );
});
