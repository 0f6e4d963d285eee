import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Budget } from "./budget.ts";

test("whatever is reserved and booked, neither the endpoint nor a subject ever comes to more than its budget", () => {
  const calls = fc.array(
    fc.record({
      subject: fc.constantFrom("a", "b", "c"),
      worst: fc.bigInt(0n, 60n),
      used: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
    { maxLength: 60 },
  );
  fc.assert(
    fc.property(calls, fc.bigInt(0n, 200n), fc.bigInt(0n, 80n), (asked, total, perSubject) => {
      const budget = new Budget({ total, perSubject });
      const spent = new Map<string, bigint>();
      for (const { subject, worst, used } of asked) {
        const had = budget.spent;
        const ofSubject = spent.get(subject) ?? 0n;
        const fits = had + worst <= total && ofSubject + worst <= perSubject;
        if (!fits) {
          assert.throws(() => budget.reserve(subject, worst), { code: "gateway/over-budget" });
          assert.equal(budget.spent, had);
          continue;
        }
        const book = budget.reserve(subject, worst);
        assert.equal(budget.spent, had + worst, "reserved at once");
        const cost = BigInt(Math.floor(Number(worst) * used));
        book(cost);
        spent.set(subject, ofSubject + cost);
        assert.equal(budget.spent, had + cost);
        assert.ok(budget.spent <= total && ofSubject + cost <= perSubject);
      }
    }),
  );
});
