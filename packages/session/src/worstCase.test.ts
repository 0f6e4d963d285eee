import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { requestOf, TERMS } from "./testing/fixtures.ts";
import { WorstCase, worstCaseCredits } from "./worstCase.ts";

const terms = { ...TERMS, tariff: { a: 3n, b: 5n, c: 7n * 10n ** 6n, d: 11n, e: 13n, f: 0n } };

test("the worst case of a call doesn't depend on the calls before it", () => {
  // Few values, so that calls often differ from the one before in a single part.
  const few = fc.constantFrom(0, 1, 2_000_000);
  const call = fc.record({ bitOps: few, floatOps: few, outputBytes: few, input: few, deadlineMs: few });
  fc.assert(
    fc.property(fc.array(call, { minLength: 2 }), (calls) => {
      const worst = new WorstCase(terms);
      for (const { bitOps, floatOps, outputBytes, input, deadlineMs } of calls) {
        const limits = { bitOps: BigInt(bitOps), floatOps: BigInt(floatOps), memoryPages: 1, outputBytes };
        const request = { ...requestOf(1), limits };
        const expected = worstCaseCredits(terms, request, BigInt(input), deadlineMs);
        assert.equal(worst.credits(request, BigInt(input), deadlineMs), expected);
      }
    }),
  );
});
