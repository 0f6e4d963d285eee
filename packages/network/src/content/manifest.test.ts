import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { BLOCK_BYTES, blockCount, decodeManifest, encodeManifest, splitBlocks } from "./manifest.ts";

test("a manifest decodes to what was encoded; any other bytes are refused", () => {
  const sha256 = fc.uint8Array({ minLength: 32, maxLength: 32 });
  fc.assert(
    fc.property(sha256, fc.integer({ min: 0, max: 2 ** 32 - 1 }), (hash, length) => {
      const bytes = encodeManifest({ sha256: hash, length });
      assert.deepEqual(decodeManifest(Buffer.from(bytes)), { sha256: hash, length });
      const bad = [
        bytes.subarray(1),
        Uint8Array.of(...bytes, 0),
        Uint8Array.of(2, ...bytes.subarray(1)),
        new Uint8Array(),
      ];
      for (const wrong of bad) assert.throws(() => decodeManifest(wrong), { code: "protocol/malformed" });
    }),
  );
});

test("blocks are as many as foretold and make up the module", () => {
  for (const length of [0, 1, BLOCK_BYTES - 1, BLOCK_BYTES, BLOCK_BYTES + 1, 5 * BLOCK_BYTES]) {
    const module = new Uint8Array(length).map((_, i) => i % 251);
    const blocks = splitBlocks(module);
    assert.equal(blocks.length, blockCount({ length }));
    assert.deepEqual(new Uint8Array(Buffer.concat(blocks)), module);
  }
});
