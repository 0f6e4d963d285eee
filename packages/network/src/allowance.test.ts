import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Allowance } from "./allowance.ts";

test("in any stretch of time no more pass than the burst and what the rate gives, and waiting is always enough", () => {
  const pauses = fc.array(fc.nat(400), { minLength: 1, maxLength: 200 });
  fc.assert(
    fc.property(pauses, fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 20 }), (waits, burst, perSecond) => {
      let nowMs = 0;
      const allowance = new Allowance({ burst, perSecond, now: () => nowMs });
      const passed: number[] = [];
      for (const wait of waits) {
        nowMs += wait;
        if (allowance.take()) passed.push(nowMs);
      }
      for (const [from, startMs] of passed.entries()) {
        for (let to = from; to < passed.length; to++) {
          const seconds = (passed[to]! - startMs) / 1000;
          assert.ok(to - from + 1 <= burst + seconds * perSecond + 1e-6);
        }
      }
      nowMs += Math.ceil(1000 / perSecond) + 1;
      assert.ok(allowance.take());
    }),
  );
});
