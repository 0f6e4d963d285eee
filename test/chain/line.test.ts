import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import { areaAt, areaOfBuy, areaOfSell, feeUp, settle, typedDataDigest } from "@demec/protocol";
import { erc20Abi } from "viem";
import { readContract } from "viem/actions";
import {
  CREDIT,
  CURVE,
  cosign,
  escrowDomain,
  makeOffer,
  open,
  serviceParams,
  startChain,
  startProvider,
  type TestChain,
} from "../support/market.ts";

let market: TestChain;
before(async () => {
  market = await startChain();
});
after(() => market.connection.close());

test("the whole line: create, stake, enrol, buy, open, collect, close, withdraw, sell; every unit is accounted for", async () => {
  const { deployment, publicClient } = market;
  const [publisher, owner, buyer] = [await market.account(), await market.account(), await market.account()];
  const money = async () => {
    let sum = 0n;
    const accounts = [publisher, owner, buyer].map((client) => client.account.address);
    for (const address of [...accounts, market.treasury, deployment.market]) {
      const args = [address] as const;
      sum += await readContract(publicClient, {
        address: deployment.mockUsd,
        abi: erc20Abi,
        functionName: "balanceOf",
        args,
      });
    }
    return sum;
  };
  const before = await money();

  const params = serviceParams(deployment.mockUsd);
  const { serviceId } = await chain.createService(publisher, deployment, params);
  const { metadata, ...terms } = params;
  assert.deepEqual(await chain.getService(publicClient, deployment, serviceId), {
    serviceId,
    publisher: publisher.account.address,
    ...terms,
  });
  assert.deepEqual(await chain.listServices(publicClient, deployment), [
    { serviceId, publisher: publisher.account.address, codeHash: params.codeHash, metadata },
  ]);

  await startProvider(market, owner, 1, [serviceId]);
  const provider = await chain.getProvider(publicClient, deployment, owner.account.address);
  assert.equal(provider.active, true);
  assert.deepEqual(provider.regions, ["eu-de-fra"]);
  assert.deepEqual(await chain.listEnrolledProviders(publicClient, deployment, serviceId), [owner.account.address]);

  const credits = 1000n * CREDIT;
  const quote = await chain.quoteBuy(publicClient, deployment, { serviceId, credits });
  const area = areaOfBuy(CURVE, 0n, credits);
  assert.equal(quote.cost, area + feeUp(area, 50) + feeUp(area, 250));
  await chain.approveExact(buyer, deployment, {
    token: deployment.mockUsd,
    spender: deployment.market,
    amount: quote.cost,
  });
  const bought = await chain.buyCredits(buyer, deployment, { serviceId, credits, maxCost: quote.cost });
  assert.equal(bought.cost, quote.cost);
  assert.equal(bought.supply, credits);

  const offer = makeOffer(serviceId, owner.account.address);
  const session = await open(market, buyer, 1, offer);
  assert.equal(session.params.value, areaOfSell(CURVE, credits, 100n * CREDIT));
  assert.equal(session.params.offerDigest, typedDataDigest(escrowDomain(deployment), "Offer", offer));
  assert.equal(session.params.bond, 100n * CREDIT);
  assert.equal(chain.sessionIdOf(session.params), session.sessionId);
  const read = await chain.getSession(publicClient, deployment, session.sessionId);
  assert.deepEqual([read.status, read.params], ["open", session.params]);

  const { sessionId } = session;
  const half = cosign(deployment, 1, { sessionId, seq: 3n, creditsUsed: 50n * CREDIT, invocations: 500n });
  const { amount: collected } = await chain.collect(owner, deployment, { params: session.params, signed: half });
  assert.equal(collected, session.params.value / 4n);
  assert.deepEqual(await chain.getNewestState(publicClient, deployment, sessionId), half.state);

  const last = { sessionId, seq: 4n, creditsUsed: 60n * CREDIT, invocations: 600n, breaches: 30n, isFinal: true };
  const signed = cosign(deployment, 1, last);
  const closed = await chain.closeSession(buyer, deployment, { params: session.params, signed });
  const expected = settle({ ...session.params, collected, ...signed.state });
  const { providerAmount, buyerAmount, bondPenalty } = closed;
  assert.deepEqual({ providerAmount, buyerAmount, bondPenalty }, expected);
  assert.equal((await chain.getSession(publicClient, deployment, sessionId)).status, "settled");
  assert.deepEqual(closed.state, signed.state);

  const paid = await chain.withdrawClaim(owner, deployment, { token: deployment.mockUsd });
  assert.equal(paid.amount, providerAmount);
  const token = deployment.mockUsd;
  assert.equal(await chain.claimOf(publicClient, deployment, { token, account: buyer.account.address }), buyerAmount);
  await chain.withdrawClaim(buyer, deployment, { token });

  const kept = await chain.sellCredits(buyer, deployment, {
    serviceId,
    credits: 400n * CREDIT,
    minProceeds: 1n,
    keepAsClaim: true,
  });
  assert.equal(kept.proceeds, areaOfSell(CURVE, 900n * CREDIT, 400n * CREDIT));
  const minPriceWad = await chain.priceAt(publicClient, deployment, { serviceId, supply: 450n * CREDIT });
  const down = await chain.sellToPrice(buyer, deployment, { serviceId, minPriceWad, maxCredits: 10n * CREDIT });
  assert.equal(down.credits, 10n * CREDIT);
  await chain.withdrawClaim(buyer, deployment, { token });
  const rest = await chain.creditsOf(publicClient, deployment, { serviceId, account: buyer.account.address });
  assert.equal(rest, 490n * CREDIT);
  assert.equal(await chain.reserveOf(publicClient, deployment, serviceId), areaAt(CURVE, rest));
  await chain.sellCredits(buyer, deployment, { serviceId, credits: rest, minProceeds: 1n });
  assert.equal(await chain.supplyOf(publicClient, deployment, serviceId), 0n);
  assert.equal(await chain.reserveOf(publicClient, deployment, serviceId), 0n);
  for (const account of [publisher.account.address, market.treasury]) {
    assert.ok((await chain.claimOf(publicClient, deployment, { token, account })) > 0n);
  }
  assert.equal(await money(), before);
});
