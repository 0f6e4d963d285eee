import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_SUPPLY } from "@demec/protocol";
import fc from "fast-check";
import { CREDIT } from "../format.ts";
import { firstCurve } from "../views/publish/draft.ts";
import { movedBy, nearDomain, wholeDomain } from "./domain.ts";
import { drawn, ticks, toNumber } from "./scale.ts";

const curve = firstCurve(6);
const shape = drawn(curve, 6);

test("whatever is typed, the plane that is shown is finite, has the supply in it, and where it is moved to", () => {
  const supplies = fc.oneof(fc.bigInt(0n, MAX_SUPPLY), fc.bigInt(0n, 2n * curve.x3), fc.constant(MAX_SUPPLY));
  const amounts = fc.oneof(fc.bigInt(0n, curve.x3), fc.bigInt(0n, 10n ** 400n), fc.constant(10n ** 40n));
  fc.assert(
    fc.property(supplies, amounts, fc.constantFrom("buy", "sell"), (supply, credits, kind) => {
      const now = toNumber(supply, 18);
      const moved = movedBy({ kind, credits }, supply);
      for (const domain of [nearDomain(curve, 6, now, moved, 0), wholeDomain(shape, now + Math.max(moved, 0))]) {
        const { from, to, top } = domain;
        assert.ok(Number.isFinite(to) && from <= Math.min(now, now + moved) && now <= to && now + moved <= to);
        assert.ok(top > 0 && top <= shape.y[3] * 1.35);
        assert.ok(ticks(from, to, 5).length <= 11);
      }
    }),
  );
});

test("a trade moves the supply by its credits, as far as there can be so many", () => {
  assert.equal(movedBy({ kind: "buy", credits: 3n * CREDIT }, CREDIT), 3);
  assert.equal(movedBy({ kind: "sell", credits: 3n * CREDIT }, 5n * CREDIT), -3);
  assert.equal(movedBy({ kind: "sell", credits: 3n * CREDIT }, CREDIT), -1);
  assert.equal(movedBy({ kind: "buy", credits: MAX_SUPPLY }, MAX_SUPPLY), 0);
});
