import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import { areaAt, isDemecError, settle } from "@demec/protocol";
import {
  CREDIT,
  CURVE,
  cosign,
  makeOffer,
  open,
  serviceParams,
  startChain,
  startProvider,
  type TestChain,
  USD,
} from "../support/market.ts";

let market: TestChain;
before(async () => {
  market = await startChain();
});
after(() => market.connection.close());

test("the whole line: create, stake, buy, open, collect, close, withdraw, sell; nothing appears or vanishes", async () => {
  const { deployment, publicClient } = market;
  const [publisher, owner, buyer] = [await market.account(), await market.account(), await market.account()];
  const created = await chain.createService(publisher, deployment, serviceParams(deployment.mockUsd));
  const { serviceId } = created;
  console.log("createService", created.gasUsed);
  const { serviceId: _, ...service } = await chain.getService(publicClient, deployment, serviceId);
  const { metadata, ...expected } = serviceParams(deployment.mockUsd);
  assert.equal(metadata, "test");
  assert.deepEqual(service, {
    publisher: chainChecksum(publisher.account.address),
    ...expected,
    paymentToken: service.paymentToken,
  });
  await startProvider(market, owner, 1, [serviceId]);
  console.log(await chain.getProvider(publicClient, deployment, owner.account.address));
  assert.deepEqual(await chain.listEnrolledProviders(publicClient, deployment, serviceId), [
    chainChecksum(owner.account.address),
  ]);

  for (let i = 0; i < 2; i++) {
    const credits = 1000n * CREDIT;
    const quote = await chain.quoteBuy(publicClient, deployment, { serviceId, credits });
    await chain.approveExact(buyer, deployment, {
      token: deployment.mockUsd,
      spender: deployment.market,
      amount: quote.cost * 2n,
    });
    const bought = await chain.buyCredits(buyer, deployment, { serviceId, credits, maxCost: quote.cost });
    assert.equal(bought.cost, quote.cost);
    console.log("buy", bought.gasUsed, bought.cost);
  }
  const supply = await chain.supplyOf(publicClient, deployment, serviceId);
  assert.equal(await chain.reserveOf(publicClient, deployment, serviceId), areaAt(CURVE, supply));
  for (let i = 0; i < 3; i++) {
    const offer = makeOffer(serviceId, owner.account.address, { nonce: BigInt(i + 1) });
    const session = await open(market, buyer, 1, offer);
    console.log("open", session.gasUsed, session.params.value);
    assert.equal(chain.sessionIdOf(session.params), session.sessionId);
    const params = session.params;
    if (i > 0) {
      const got = await chain.collect(owner, deployment, {
        params,
        signed: cosign(deployment, 1, {
          sessionId: session.sessionId,
          seq: 3n,
          creditsUsed: 10n * CREDIT,
          invocations: 5n,
        }),
      });
      console.log("collect", got.gasUsed, got.amount);
    }
    const signed = cosign(deployment, 1, {
      sessionId: session.sessionId,
      seq: 4n,
      isFinal: true,
      creditsUsed: 50n * CREDIT,
      invocations: 500n,
      breaches: 10n,
    });
    const closed = await chain.closeSession(buyer, deployment, { params, signed });
    console.log("close", closed.gasUsed, closed.providerAmount, closed.buyerAmount, closed.bondPenalty);
    const { session: __, ...want } = { session: 0, ...settle({ ...params, collected: 0n, ...signed.state }) };
    assert.deepEqual(
      { providerAmount: closed.providerAmount, buyerAmount: closed.buyerAmount, bondPenalty: closed.bondPenalty },
      want,
    );
    assert.equal((await chain.getSession(publicClient, deployment, session.sessionId)).status, "settled");
  }
  for (const client of [owner, buyer]) {
    const paid = await chain.withdrawClaim(client, deployment, { token: deployment.mockUsd });
    console.log("withdraw", paid.gasUsed, paid.amount);
  }
  for (let i = 0; i < 2; i++) {
    const sold = await chain.sellCredits(buyer, deployment, {
      serviceId,
      credits: 100n * CREDIT,
      minProceeds: 1n,
      keepAsClaim: i === 0,
    });
    console.log("sell", sold.gasUsed, sold.proceeds);
  }
  const credits = await chain.creditsOf(publicClient, deployment, { serviceId, account: buyer.account.address });
  await chain.sellCredits(buyer, deployment, { serviceId, credits, minProceeds: USD });
  assert.equal(await chain.reserveOf(publicClient, deployment, serviceId), 0n);
  await assert.rejects(chain.sellCredits(buyer, deployment, { serviceId, credits, minProceeds: USD }), (e) => {
    console.log(String(e));
    return isDemecError(e, "chain/insufficient-credits");
  });
});

function chainChecksum(a: string) {
  return a as `0x${string}`;
}
