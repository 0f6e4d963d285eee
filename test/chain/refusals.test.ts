import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import { type ErrorCode, isDemecError, signMessageOf } from "@demec/protocol";
import { erc20Abi } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { readContract } from "viem/actions";
import {
  CREDIT,
  CURVE,
  cosign,
  escrowDomain,
  makeOffer,
  open,
  serviceParams,
  startTrade,
  type TestChain,
  testKey,
} from "../support/market.ts";

let market: TestChain;
let publisher: chain.WriteClient;
let owner: chain.WriteClient;
let buyer: chain.WriteClient;
let serviceId: bigint;
before(async () => {
  ({ market, publisher, owner, buyer, serviceId } = await startTrade({ credits: 1_000n * CREDIT }));
});
after(() => market.connection.close());

/** The call fails with this code, the error names these values, and nobody's money has moved. */
async function refuses(code: ErrorCode, call: () => Promise<unknown>, details: Record<string, unknown> = {}) {
  const { deployment, publicClient } = market;
  const holdings = () =>
    Promise.all(
      [buyer.account.address, owner.account.address, deployment.market].flatMap((account) => [
        readContract(publicClient, {
          address: deployment.mockUsd,
          abi: erc20Abi,
          functionName: "balanceOf",
          args: [account],
        }),
        chain.claimOf(publicClient, deployment, { token: deployment.mockUsd, account }),
        chain.creditsOf(publicClient, deployment, { serviceId, account }),
      ]),
    );
  const before = await holdings();
  await assert.rejects(call, (error) => {
    assert.ok(isDemecError(error, code), `${error} is not ${code}`);
    for (const [name, value] of Object.entries(details)) assert.deepEqual(error.details[name], value, name);
    return true;
  });
  assert.deepEqual(await holdings(), before);
}

test("a client on another chain is refused before anything is sent", async () => {
  const elsewhere = { ...market.deployment, chainId: 80002 };
  await refuses("chain/wrong-chain", () => chain.withdrawClaim(buyer, elsewhere, { token: elsewhere.mockUsd }), {
    actual: 31337,
    expected: 80002,
  });
});

test("bad trades are refused with a code and the offending values", async () => {
  const { deployment, publicClient } = market;
  const trade = { serviceId, credits: CREDIT };
  const { cost } = await chain.quoteBuy(publicClient, deployment, trade);
  const proceeds = await chain.quoteSell(publicClient, deployment, trade);
  await refuses("chain/slippage", () => chain.buyCredits(buyer, deployment, { ...trade, maxCost: cost - 1n }), {
    cost,
    maxCost: cost - 1n,
  });
  await refuses(
    "chain/slippage",
    () => chain.sellCredits(buyer, deployment, { ...trade, minProceeds: proceeds + 1n }),
    { proceeds, minProceeds: proceeds + 1n },
  );
  await refuses("chain/deadline-passed", () =>
    chain.buyCredits(buyer, deployment, { ...trade, maxCost: cost, deadline: 1n }),
  );
  await refuses("chain/zero-amount", () => chain.buyCredits(buyer, deployment, { ...trade, credits: 0n, maxCost: 1n }));
  await refuses("chain/unknown-service", () => chain.getService(publicClient, deployment, 99n), { serviceId: 99n });
  await refuses("chain/unknown-service", () =>
    chain.buyCredits(buyer, deployment, { serviceId: 99n, credits: CREDIT, maxCost: cost }),
  );
  await refuses("chain/insufficient-allowance", () =>
    chain.buyCredits(publisher, deployment, { ...trade, maxCost: cost }),
  );
  await refuses("chain/insufficient-credits", () =>
    chain.sellCredits(publisher, deployment, { ...trade, minProceeds: 0n }),
  );
  await refuses("chain/nothing-to-withdraw", () =>
    chain.withdrawClaim(buyer, deployment, { token: deployment.mockUsd }),
  );
  await refuses("curve/out-of-range", () =>
    chain.supplyAtPrice(publicClient, deployment, { serviceId, priceWad: CURVE.y3 + 1n }),
  );
});

test("bad services are refused with a code and the offending values", async () => {
  const { deployment } = market;
  const bad: [ErrorCode, Partial<chain.ServiceParams>][] = [
    ["curve/unordered", { curve: { ...CURVE, x2: CURVE.x3 } }],
    ["curve/unordered", { curve: { ...CURVE, y0: CURVE.y3 + 1n } }],
    ["curve/out-of-range", { curve: { ...CURVE, y0: 0n, y1: 0n, y2: 0n, y3: 0n } }],
    ["chain/bad-terms", { royaltyBps: 2001 }],
    ["chain/bad-terms", { challengePeriod: 59 }],
    ["chain/bad-terms", { challengePeriod: 31 * 24 * 3600 }],
    ["chain/bad-terms", { meterVersion: 0 }],
    ["chain/bad-terms", { sla: { maxLatencyMs: 0, toleranceBps: 10_001, rebateBps: 0, bondPenaltyBps: 0 } }],
    ["chain/bad-terms", { sla: { maxLatencyMs: 0, toleranceBps: 0, rebateBps: 10_001, bondPenaltyBps: 0 } }],
    ["chain/bad-terms", { sla: { maxLatencyMs: 0, toleranceBps: 0, rebateBps: 0, bondPenaltyBps: 10_001 } }],
    ["chain/unsupported-token", { paymentToken: publisher.account.address }],
  ];
  for (const [code, change] of bad) {
    await refuses(code, () => chain.createService(publisher, deployment, serviceParams(deployment.mockUsd, change)));
  }
});

test("bad enrolments, stakes and keys are refused", async () => {
  const { deployment } = market;
  await refuses("chain/provider-inactive", () => chain.enrol(buyer, deployment, serviceId));
  await refuses("chain/already-enrolled", () => chain.enrol(owner, deployment, serviceId));
  await refuses("chain/unknown-service", () => chain.enrol(owner, deployment, 99n));
  await refuses("chain/not-enrolled", () => chain.resign(buyer, deployment, serviceId));
  await refuses("chain/insufficient-stake", () => chain.requestUnstake(owner, deployment, 10n ** 24n));
  await refuses("protocol/bad-region", () => chain.setRegions(owner, deployment, ["EU"]), { region: "EU" });
  const consent = await chain.makeOperatorConsent(owner, deployment, {
    owner: buyer.account.address,
    operatorPrivateKey: testKey(5),
  });
  await refuses("chain/foreign-signer", () => chain.bindOperator(owner, deployment, consent), {
    expected: consent.operator,
  });
});

test("bad openings are refused: expired, foreign, replayed or exceeded offers", async () => {
  const { deployment } = market;
  const offer = makeOffer(serviceId, owner.account.address, { nonce: 100n });
  await refuses("chain/foreign-signer", () => open(market, buyer, 2, offer), {
    expected: privateKeyToAddress(testKey(1)),
    actual: privateKeyToAddress(testKey(2)),
  });
  await refuses("chain/offer-expired", () => open(market, buyer, 1, { ...offer, expiry: 1n }));
  await refuses("chain/forbidden", () => open(market, buyer, 1, { ...offer, buyer: publisher.account.address }));
  await refuses("chain/offer-refused", () => open(market, buyer, 1, { ...offer, maxCredits: 99n * CREDIT }));
  await refuses("chain/offer-refused", () => open(market, buyer, 1, { ...offer, bondPerCredit: 1n }));
  await refuses("chain/insufficient-stake", () => open(market, buyer, 1, { ...offer, bondPerCredit: 10n ** 24n }));
  await refuses("chain/insufficient-credits", () => open(market, buyer, 1, offer, { credits: 1001n * CREDIT }));
  await refuses("chain/slippage", () => open(market, buyer, 1, offer, { minValue: 10n ** 12n }));
  await refuses("chain/not-enrolled", () => open(market, buyer, 1, { ...offer, provider: buyer.account.address }));
  await chain.cancelOffer(owner, deployment, { provider: owner.account.address, nonce: 100n });
  await refuses("chain/offer-used", () => open(market, buyer, 1, offer), { nonce: 100n });
});

test("bad states are refused: replayed, foreign, altered or not final", async () => {
  const { deployment, publicClient } = market;
  const { sessionId, params } = await open(
    market,
    buyer,
    1,
    makeOffer(serviceId, owner.account.address, { nonce: 200n }),
  );
  const first = cosign(deployment, 1, { sessionId, seq: 2n, creditsUsed: CREDIT });
  await chain.collect(owner, deployment, { params, signed: first });
  const collect = (signed: typeof first) => () => chain.collect(owner, deployment, { params, signed });
  await refuses("chain/stale-state", collect(first), { seq: 2n, newest: 2n });
  await refuses("chain/foreign-signer", collect(cosign(deployment, 9, { sessionId, seq: 3n })));
  await refuses("chain/foreign-signer", collect(cosign(deployment, 1, { sessionId, seq: 3n }, 9)));
  const other = cosign(deployment, 1, { sessionId: `0x${"ab".repeat(32)}`, seq: 3n });
  await refuses("chain/foreign-state", collect(other));
  const honest = cosign(deployment, 1, { sessionId, seq: 3n, creditsUsed: CREDIT });
  await refuses("chain/foreign-signer", collect({ ...honest, state: { ...honest.state, creditsUsed: 2n * CREDIT } }));
  await refuses("chain/not-cosigned", collect({ ...honest, sessionKeySig: null }));
  await refuses("chain/not-final", () => chain.closeSession(buyer, deployment, { params, signed: honest }));
  await refuses("chain/session-not-open", () =>
    chain.collect(owner, deployment, { params: { ...params, value: params.value + 1n }, signed: honest }),
  );
  await refuses("chain/session-not-closing", () => chain.finishClosing(buyer, deployment, { params, state: null }));
  await refuses("chain/forbidden", () => chain.startClosing(publisher, deployment, { params, signed: null }));
  await refuses("chain/unknown-session", () => chain.getSession(publicClient, deployment, `0x${"12".repeat(32)}`));
  // The same bytes signed for another chain are worth nothing on this one.
  const foreignDomain = { ...escrowDomain(deployment), chainId: 1 };
  await refuses(
    "chain/foreign-signer",
    collect({ ...honest, operatorSig: signMessageOf(testKey(1), foreignDomain, "SessionState", honest.state) }),
  );
});
