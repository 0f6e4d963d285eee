import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { LeafIndex } from "./leafIndex.ts";

test("call ids near and far apart keep their leaves, and come back in the order of these", () => {
  const id = fc.oneof(fc.nat({ max: 10_000 }), fc.maxSafeNat());
  fc.assert(
    fc.property(fc.uniqueArray(id, { maxLength: 200 }), (callIds) => {
      const index = new LeafIndex();
      callIds.forEach((callId, leafIndex) => void index.set(callId, leafIndex));
      assert.deepEqual(index.callIds(), callIds);
      callIds.forEach((callId, leafIndex) => void assert.equal(index.get(callId), leafIndex));
      for (const callId of [4_095, 4_096, 20_000]) assert.equal(index.get(callId) ?? -1, callIds.indexOf(callId));
    }),
  );
});
