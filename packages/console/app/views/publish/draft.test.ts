import assert from "node:assert/strict";
import { test } from "node:test";
import type { Service } from "@demec/chain";
import { complaintsOf, type Draft, type Existing, FIRST_DRAFT, firstCurve, termsOf } from "./draft.ts";

const existing: Existing = {
  terms: { codeHash: `0x${"11".repeat(32)}`, codeCore: `0x${"22".repeat(32)}` } as Service,
  metadata: { name: "shout", shape: "reactor" },
};
const draft: Draft = { ...FIRST_DRAFT, name: "louder", paymentToken: `0x${"33".repeat(20)}` };

test("a draft that takes a service's program is published with that program, and not without one", () => {
  assert.deepEqual(complaintsOf(draft, existing), {});
  const { codeHash, codeCore } = termsOf(draft, firstCurve(6), existing);
  assert.deepEqual([codeHash, codeCore], [existing.terms.codeHash, existing.terms.codeCore]);
  assert.deepEqual(Object.keys(complaintsOf(draft, undefined)), ["code"]);
  const ownCode = { ...existing, terms: { ...existing.terms, codeHash: `0x${"00".repeat(32)}` as const } };
  assert.deepEqual(Object.keys(complaintsOf(draft, ownCode)), ["code"]);
  assert.deepEqual(complaintsOf({ ...draft, code: "own" }, undefined), {});
});

test("the time to object is the number that was typed, and no other text is taken for one", () => {
  const secondsOf = (challengeHours: string) => {
    const changed = { ...draft, challengeHours };
    assert.deepEqual(complaintsOf(changed, existing), {}, challengeHours);
    return termsOf(changed, firstCurve(6), existing).challengePeriod;
  };
  assert.equal(secondsOf("1,5"), 5_400);
  assert.equal(secondsOf("1 0"), 36_000);
  assert.equal(secondsOf("0.02"), 72);
  assert.equal(secondsOf("720"), 2_592_000);
  for (const challengeHours of ["", "0", "0.01", "720.01", "1e2", "0x10", "-1", "Infinity", "1.234"]) {
    const complaints = complaintsOf({ ...draft, challengeHours }, existing);
    assert.deepEqual(Object.keys(complaints), ["challengeHours"], challengeHours);
  }
});
