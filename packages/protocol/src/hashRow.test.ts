import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { HashRow } from "./hashRow.ts";

test("a row gives back what was pushed last at each place, over chunks and truncations", () => {
  const hashOf = (seed: number) => new Uint8Array(32).map((_, i) => (seed * 31 + i * 7) & 255);
  const step = fc.record({ keep: fc.nat(3_000), push: fc.nat(1_500) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 6 }), (steps) => {
      const row = new HashRow();
      const model: Uint8Array[] = [];
      let seed = 0;
      for (const { keep, push } of steps) {
        row.truncate(Math.min(keep, model.length));
        model.length = Math.min(keep, model.length);
        for (let i = 0; i < push; i++) {
          const hash = hashOf(seed++);
          row.push(hash);
          model.push(hash);
        }
      }
      assert.equal(row.length, model.length);
      const target = new Uint8Array(34);
      for (const [index, hash] of model.entries()) {
        assert.deepEqual(row.at(index), hash);
        row.copyTo(target, 1, index);
        assert.deepEqual(target.slice(1, 33), hash);
      }
    }),
    { numRuns: 20 },
  );
});
