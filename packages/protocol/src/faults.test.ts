import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { contradictionOf, determinedOf } from "./faults.ts";
import type { Receipt } from "./receipt.ts";

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 });
const receipts: fc.Arbitrary<Receipt> = fc.record({
  executionHash: hash,
  outputHash: hash,
  status: fc.constantFrom(0, 9),
  breached: fc.boolean(),
  usage: fc.record({
    bitOps: fc.bigInt(0n, 9n),
    floatOps: fc.bigInt(0n, 9n),
    bytes: fc.bigInt(0n, 9n),
    durationMs: fc.nat(9),
    latencyMs: fc.nat(9),
    pingMs: fc.nat(9),
  }),
});

test("receipts of one execution contradict each other in nothing but output, status and metered work", () => {
  fc.assert(
    fc.property(receipts, receipts, (one, other) => {
      const same = { ...other, executionHash: one.executionHash };
      const differs =
        Buffer.compare(one.outputHash, same.outputHash) !== 0 ||
        one.status !== same.status ||
        one.usage.bitOps !== same.usage.bitOps ||
        one.usage.floatOps !== same.usage.floatOps;
      assert.equal(contradictionOf(determinedOf(one), determinedOf(same)) !== null, differs);
      const { bitOps, floatOps } = one.usage;
      const timesOnly = { ...one, breached: !one.breached, usage: { ...same.usage, bitOps, floatOps } };
      assert.equal(contradictionOf(determinedOf(one), determinedOf(timesOnly)), null);
    }),
  );
});

test("receipts of different executions never contradict each other", () => {
  fc.assert(
    fc.property(receipts, receipts, (one, other) => {
      fc.pre(Buffer.compare(one.executionHash, other.executionHash) !== 0);
      assert.equal(contradictionOf(determinedOf(one), determinedOf(other)), null);
    }),
  );
});
