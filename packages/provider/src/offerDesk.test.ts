import assert from "node:assert/strict";
import { test } from "node:test";
import { assertSigned } from "@demec/protocol";
import { defaultPolicy } from "@demec/session";
import fc from "fast-check";
import { privateKeyToAddress } from "viem/accounts";
import { DEFAULT_CONTENT_POLICY } from "./content/policy.ts";
import { OfferDesk } from "./offerDesk.ts";
import { BUYER, DOMAIN, OPERATOR_KEY, OWNER } from "./testing/hosted.ts";

const POLICY = {
  maxSessions: 3,
  maxSessionsPerBuyer: 2,
  strangers: {
    ...{ maxConnections: 1, maxConnectionsPerHost: 1, idleMs: 1 },
    ...{ connectionsPerSecond: 1, connectionBurst: 1, requestsPerSecond: 1, requestBurst: 1 },
  },
  minCredits: 10n,
  maxCredits: 1_000n,
  minValuePerCredit: 5n,
  bondPerCredit: 7n,
  offerTtlSeconds: 60,
  confirmations: 0,
  maxDeadlineMs: 1_000,
  callsPerSecondPerBuyer: 1,
  keepSettledSeconds: 1,
  maxCallsPerBuyer: 8,
  reviewMs: 1_000,
  idleCloseMs: 1_000,
  content: DEFAULT_CONTENT_POLICY,
  demands: null,
  exposure: defaultPolicy,
};

function desk({ bonds = new Map([[1n, 0n]]), openSessions = 0, ofBuyer = 0 } = {}) {
  let nonce = 0n;
  return new OfferDesk({
    domain: DOMAIN,
    owner: OWNER,
    operatorPrivateKey: OPERATOR_KEY,
    policy: POLICY,
    minBondPerCredit: (serviceId) => bonds.get(serviceId),
    openSessions: () => openSessions,
    sessionsOf: (buyer) => (buyer === BUYER ? ofBuyer : 0),
    randomNonce: () => ++nonce,
    now: () => 1_000n,
  });
}

test("an offer is for exactly the service, buyer and credits that were asked for, at the larger bond, signed by the operator", () => {
  const asked = fc.record({ serviceId: fc.bigInt(0n, 3n), credits: fc.bigInt(10n, 1_000n), bond: fc.bigInt(0n, 20n) });
  fc.assert(
    fc.property(asked, ({ serviceId, credits, bond }) => {
      const { offer, operatorSig } = desk({ bonds: new Map([[serviceId, bond]]) }).sign({
        serviceId,
        buyer: BUYER,
        credits,
      });
      assertSigned(privateKeyToAddress(OPERATOR_KEY), DOMAIN, "Offer", offer, operatorSig);
      const { provider, buyer, maxCredits, minCredits, minValuePerCredit, bondPerCredit, expiry } = offer;
      assert.deepEqual(
        { provider, buyer, maxCredits, minCredits, minValuePerCredit, expiry, serviceId: offer.serviceId },
        {
          provider: OWNER,
          buyer: BUYER,
          maxCredits: credits,
          minCredits: 10n,
          minValuePerCredit: 5n,
          expiry: 1_060n,
          serviceId,
        },
      );
      assert.equal(bondPerCredit, bond > 7n ? bond : 7n);
      assert.deepEqual([offer.demandMaxInputBytes, offer.demandWindow, offer.demandDeposit], [0, 0, 0n]);
    }),
    { numRuns: 20 },
  );
});

test("no two offers share a nonce", () => {
  const one = desk();
  const ask = { serviceId: 1n, buyer: BUYER, credits: 10n };
  const nonces = Array.from({ length: 10 }, () => one.sign(ask).offer.nonce);
  assert.equal(new Set(nonces).size, 10);
});

test("what is not served, outside the range or beyond capacity is refused, naming the values", () => {
  const ask = { serviceId: 1n, buyer: BUYER, credits: 10n };
  const refusal = (code: string, named: RegExp) => (error: Error & { code?: string }) =>
    error.code === code && named.test(error.message);
  assert.throws(() => desk().sign({ ...ask, serviceId: 9n }), refusal("provider/service-not-served", /Service 9 /));
  for (const credits of [0n, 9n, 1_001n, 2n ** 127n]) {
    assert.throws(
      () => desk().sign({ ...ask, credits }),
      refusal("provider/credits-out-of-range", RegExp(` ${credits} `)),
    );
  }
  assert.throws(() => desk({ openSessions: 3 }).sign(ask), refusal("provider/at-capacity", /All 3 /));
  desk({ openSessions: 2 }).sign(ask);
});

test("a buyer with its share of sessions open gets no offer, others do", () => {
  const request = { serviceId: 1n, credits: 10n };
  const full = desk({ ofBuyer: 2 });
  assert.throws(() => full.sign({ ...request, buyer: BUYER }), { code: "provider/at-buyer-limit" });
  assert.equal(full.sign({ ...request, buyer: OWNER }).offer.buyer, OWNER);
  assert.equal(desk({ ofBuyer: 1 }).sign({ ...request, buyer: BUYER }).offer.buyer, BUYER);
});
