import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import { isDemecError, settle } from "@demec/protocol";
import { CREDIT, cosign, makeOffer, open, startTrade, type TestChain } from "../support/market.ts";

let market: TestChain;
let owner: chain.WriteClient;
let buyer: chain.WriteClient;
let serviceId: bigint;
let nonce = 0n;
before(async () => {
  ({ market, owner, buyer, serviceId } = await startTrade({ credits: 5_000n * CREDIT }));
});
after(() => market.connection.close());

const openOne = () =>
  open(market, buyer, 1, makeOffer(serviceId, owner.account.address, { nonce: nonce++ }), { credits: 10n * CREDIT });

test("a buyer whose provider is silent gets everything back alone", async () => {
  const { deployment } = market;
  const { params } = await openOne();
  await chain.startClosing(buyer, deployment, { params, signed: null });
  await assert.rejects(chain.finishClosing(buyer, deployment, { params, state: null }), (error) =>
    isDemecError(error, "chain/too-early"),
  );
  await market.passTime(3600);
  const { providerAmount, buyerAmount } = await chain.finishClosing(buyer, deployment, { params, state: null });
  assert.deepEqual([providerAmount, buyerAmount], [0n, params.value]);
});

test("a provider replaces an old state by a newer one, and the newest one decides", async () => {
  const { deployment, publicClient } = market;
  const { sessionId, params } = await openOne();
  const old = cosign(deployment, 1, { sessionId, seq: 1n, creditsUsed: CREDIT, invocations: 10n });
  const newer = cosign(deployment, 1, { sessionId, seq: 7n, creditsUsed: 6n * CREDIT, invocations: 60n });
  const { deadline } = await chain.startClosing(buyer, deployment, { params, signed: old });
  const challenged = await chain.challengeClosing(owner, deployment, { params, signed: newer });
  assert.ok(challenged.deadline > deadline);
  const state = await chain.getNewestState(publicClient, deployment, sessionId);
  assert.deepEqual(state, newer.state);
  await market.passTime(3600);
  const settled = await chain.finishClosing(owner, deployment, { params, state });
  assert.equal(settled.providerAmount, settle({ ...params, collected: 0n, ...newer.state }).providerAmount);
  assert.equal(settled.providerAmount + settled.buyerAmount, params.value);
});

test("many sessions settle in one transaction; a bad one is skipped with its reason", async () => {
  const { deployment } = market;
  const items: chain.SettleItem[] = [];
  for (let i = 0; i < 5; i++) {
    const { sessionId, params } = await openOne();
    const operator = i === 2 ? 9 : 1;
    const signed = cosign(deployment, operator, {
      sessionId,
      isFinal: true,
      creditsUsed: 5n * CREDIT,
      invocations: 9n,
    });
    items.push({ params, signed });
  }
  const alone = await openOne();
  await chain.startClosing(buyer, deployment, { params: alone.params, signed: null });
  await market.passTime(3600);
  items.push({ params: alone.params, finish: null });
  const { settled, skipped } = await chain.settleMany(owner, deployment, items);
  assert.deepEqual(
    settled.map(({ sessionId }) => sessionId),
    items.filter((_, i) => i !== 2).map(({ params }) => chain.sessionIdOf(params)),
  );
  assert.equal(skipped.length, 1);
  assert.equal(skipped[0]!.sessionId, chain.sessionIdOf(items[2]!.params));
  assert.match(skipped[0]!.reason, /^Escrow_ForeignSigner\(0x/);
});

test("a compensation comes out of the bond after the unbonding delay, and stake leaves the same way", async () => {
  const { deployment } = market;
  const { sessionId, params } = await openOne();
  const bad = { sessionId, isFinal: true, creditsUsed: CREDIT, invocations: 100n, breaches: 100n };
  const signed = cosign(deployment, 1, bad);
  const { bondPenalty } = await chain.closeSession(buyer, deployment, { params, signed });
  assert.equal(bondPenalty, settle({ ...params, collected: 0n, ...signed.state }).bondPenalty);
  await chain.requestUnstake(owner, deployment, 1000n * CREDIT);
  for (const early of [
    chain.claimCompensation(buyer, deployment, { sessionId }),
    chain.withdrawStake(owner, deployment),
  ]) {
    await assert.rejects(early, (error) => isDemecError(error, "chain/too-early"));
  }
  await market.passTime(7 * 24 * 3600);
  assert.equal((await chain.claimCompensation(buyer, deployment, { sessionId })).amount, bondPenalty);
  assert.equal((await chain.withdrawStake(owner, deployment)).amount, 1000n * CREDIT);
});

test("providers that resign or come back are listed as they are now", async () => {
  const { deployment, publicClient } = market;
  await chain.resign(owner, deployment, serviceId);
  assert.deepEqual(await chain.listEnrolledProviders(publicClient, deployment, serviceId), []);
  await chain.enrol(owner, deployment, serviceId);
  assert.deepEqual(await chain.listEnrolledProviders(publicClient, deployment, serviceId), [owner.account.address]);
});
