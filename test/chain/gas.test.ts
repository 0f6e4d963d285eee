// What the busiest calls may cost: warm state, six-decimals money without fees on transfer, both market fees charged.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as chain from "@demec/chain";
import { CREDIT, cosign, makeOffer, open, serviceParams, startChain, startProvider } from "../support/market.ts";

const SESSIONS = 100;

test("buy, sell, open and settlement stay within their gas budgets", async (t) => {
  const market = await startChain();
  t.after(() => market.connection.close());
  const { deployment } = market;
  const [publisher, owner, buyer] = [await market.account(), await market.account(), await market.account()];
  const { serviceId } = await chain.createService(publisher, deployment, serviceParams(deployment.mockUsd));
  await startProvider(market, owner, 1, [serviceId]);
  const amount = 1_000_000_000n;
  await chain.approveExact(buyer, deployment, { token: deployment.mockUsd, spender: deployment.market, amount });
  const buy = () => chain.buyCredits(buyer, deployment, { serviceId, credits: 1000n * CREDIT, maxCost: amount });
  const sell = () => chain.sellCredits(buyer, deployment, { serviceId, credits: 10n * CREDIT, minProceeds: 1n });
  let nonce = 0n;
  const openOne = () =>
    open(market, buyer, 1, makeOffer(serviceId, owner.account.address, { nonce: nonce++ }), { credits: 5n * CREDIT });

  await buy();
  const { gasUsed: buyGas } = await buy();
  await sell();
  const { gasUsed: sellGas } = await sell();
  const items: chain.SettleItem[] = [];
  let openGas = 0n;
  for (let i = 0; i < SESSIONS; i++) {
    const { sessionId, params, gasUsed } = await openOne();
    openGas = gasUsed;
    const state = { sessionId, isFinal: true, creditsUsed: 3n * CREDIT, invocations: 1000n, breaches: 5n };
    items.push({ params, signed: cosign(deployment, 1, state) });
  }
  const { settled, gasUsed } = await chain.settleMany(owner, deployment, items);
  assert.equal(settled.length, SESSIONS);
  const settleGas = gasUsed / BigInt(SESSIONS);
  console.log(`gas: buy ${buyGas}, sell ${sellGas}, open ${openGas}, settleMany ${settleGas} a session`);
  assert.ok(buyGas <= 100_000n && sellGas <= 85_000n && openGas <= 150_000n && settleGas <= 50_000n);
});
