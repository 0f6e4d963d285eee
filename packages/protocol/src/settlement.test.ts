import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { certainDown, excessBreaches, type SettlementInput, settle } from "./settlement.ts";
import { UINT64_MAX, UINT128_MAX } from "./usage.ts";

const bps = fc.integer({ min: 0, max: 10_000 });
const sessions: fc.Arbitrary<SettlementInput> = fc
  .record({
    value: fc.bigInt(1n, UINT128_MAX),
    credits: fc.bigInt(1n, UINT128_MAX),
    bond: fc.bigInt(0n, UINT128_MAX),
    toleranceBps: bps,
    rebateBps: bps,
    bondPenaltyBps: bps,
    collected: fc.bigInt(0n, UINT128_MAX),
    creditsUsed: fc.bigInt(0n, UINT128_MAX),
    invocations: fc.bigInt(0n, UINT64_MAX),
    breaches: fc.bigInt(0n, UINT64_MAX),
  })
  .map((session) => ({ ...session, collected: session.collected % (session.value + 1n) }));

test("the two shares are the value, to the unit; nobody's is negative; the penalty fits the bond; whatever was signed", () => {
  fc.assert(
    fc.property(sessions, (session) => {
      const { providerAmount, buyerAmount, bondPenalty } = settle(session);
      assert.equal(providerAmount + buyerAmount, session.value);
      assert.ok(providerAmount >= session.collected && buyerAmount >= 0n);
      assert.ok(bondPenalty >= 0n && bondPenalty <= session.bond);
    }),
  );
});

test("what was collected as certain is never more than what any later state pays", () => {
  fc.assert(
    fc.property(sessions, fc.bigInt(0n, UINT128_MAX), (session, more) => {
      const certain = certainDown(session.value, session.credits, session.creditsUsed, session.rebateBps);
      const later = settle({ ...session, collected: 0n, creditsUsed: session.creditsUsed + more });
      assert.ok(certain <= later.providerAmount);
    }),
  );
});

test("one more breach never pays the provider more, and costs at most a linear step: there is no cliff", () => {
  fc.assert(
    fc.property(sessions, fc.bigInt(1n, 100_000n), (session, invocations) => {
      const breaches = session.breaches % invocations;
      const before = settle({ ...session, collected: 0n, invocations, breaches });
      const after = settle({ ...session, collected: 0n, invocations, breaches: breaches + 1n });
      const step = before.providerAmount - after.providerAmount;
      assert.ok(step >= 0n && step <= session.value / invocations + 1n);
    }),
  );
});

test("a session without work pays the buyer everything; one without breaches pays for every credit used", () => {
  const session = {
    value: 1_000_000n,
    credits: 300n,
    bond: 77n,
    toleranceBps: 100,
    rebateBps: 5000,
    bondPenaltyBps: 10_000,
    collected: 0n,
    creditsUsed: 0n,
    invocations: 0n,
    breaches: 0n,
  };
  assert.deepEqual(settle(session), { providerAmount: 0n, buyerAmount: 1_000_000n, bondPenalty: 0n });
  assert.equal(settle({ ...session, creditsUsed: 100n, invocations: 10n }).providerAmount, 333_333n);
  assert.equal(settle({ ...session, creditsUsed: 999n, invocations: 10n }).providerAmount, 1_000_000n);
  // 1,000 invocations tolerate 10 breaches; 505 beyond are 50.5%: half of that of the value, all of that of the bond.
  const bad = settle({ ...session, creditsUsed: 300n, invocations: 1000n, breaches: 515n });
  assert.deepEqual(bad, { providerAmount: 747_500n, buyerAmount: 252_500n, bondPenalty: 39n });
});

test("tolerated breaches are rounded up, in the provider's favour only there", () => {
  assert.equal(excessBreaches(10n, 1n, 1), 0n);
  assert.equal(excessBreaches(10n, 2n, 1), 1n);
  assert.equal(excessBreaches(10n, 20n, 0), 10n);
  assert.equal(excessBreaches(0n, 5n, 0), 0n);
});
