import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { IdMap } from "./idMap.ts";

test("it holds what a Map holds, whatever is put in and taken out, and gives it in ascending order", () => {
  const bits = fc.nat(3);
  // Numbers that collide in their low bits, and numbers beyond 32 bits.
  const id = fc.oneof(
    fc.nat(300),
    bits.map((n) => n * 2 ** 20 + 7),
    bits.map((n) => n * 2 ** 40 + 7),
    bits.map((n) => 2 ** 53 - 1 - n),
  );
  const step = fc.tuple(fc.constantFrom("set", "set", "delete", "clear", "get"), id);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400, size: "max" }), (steps) => {
      const model = new Map<number, { readonly at: number }>();
      const map = new IdMap<{ readonly at: number }>();
      steps.forEach(([type, id], at) => {
        if (type === "set") {
          model.set(id, { at });
          map.set(id, { at });
        } else if (type === "delete") {
          assert.equal(map.delete(id), model.delete(id));
        } else if (type === "clear" && at % 20 === 0) {
          model.clear();
          map.clear();
        }
        assert.deepEqual(map.get(id), model.get(id));
        assert.equal(map.size, model.size);
      });
      assert.deepEqual(
        map.entries(),
        [...model].sort(([a], [b]) => a - b),
      );
    }),
  );
});
