import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { sha256 as nodeSha256 } from "./sha256.node.ts";
import { sha256 as portableSha256 } from "./sha256.ts";

test("both implementations hash the concatenation of their arguments, of any number and size", () => {
  const sizes = fc.oneof(fc.nat(200), fc.constantFrom(0, 16_383, 16_384, 16_385, 40_000));
  fc.assert(
    fc.property(fc.array(sizes, { maxLength: 5 }), fc.nat(255), (lengths, seed) => {
      const parts = lengths.map((length, i) => new Uint8Array(length).map((_, j) => seed + 31 * i + j));
      const expected = new Uint8Array(createHash("sha256").update(Buffer.concat(parts)).digest());
      assert.deepEqual(nodeSha256(...parts), expected);
      assert.deepEqual(portableSha256(...parts), expected);
    }),
  );
});
