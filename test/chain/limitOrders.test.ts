import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import { areaOfSell, askOf, TIPS_BPS, tickOf } from "@demec/protocol";
import fc from "fast-check";
import { readContract } from "viem/actions";
import { CREDIT, CURVE, serviceParams, startChain, type TestChain } from "../support/market.ts";
import { refusedWith } from "../support/refused.ts";

/** $0.01 a credit, as a price. */
const CENT = 10_000n * CREDIT;

let market: TestChain;
let alice: chain.WriteClient;
let bob: chain.WriteClient;
let filler: chain.WriteClient;
before(async () => {
  market = await startChain();
  [alice, bob, filler] = [await market.account(), await market.account(), await market.account()];
});
after(() => market.connection.close());

/** A service of which Alice and Bob hold 350,000 credits each; its price is about half way up. */
async function startService(): Promise<bigint> {
  const { deployment } = market;
  const { serviceId } = await chain.createService(alice, deployment, serviceParams(deployment.mockUsd));
  for (const client of [alice, bob]) {
    const amount = 10n ** 11n;
    await chain.approveExact(client, deployment, { token: deployment.mockUsd, spender: deployment.market, amount });
    await chain.buyCredits(client, deployment, { serviceId, credits: 350_000n * CREDIT, maxCost: amount });
  }
  return serviceId;
}

test("orders are placed, listed in their turn, filled, cancelled, claimed and paid out, to the unit", async () => {
  const { deployment, publicClient } = market;
  const serviceId = await startService();
  const credits = 1000n * CREDIT;
  const dear = await chain.placeLimitOrder(alice, deployment, {
    serviceId,
    credits: credits + 7n,
    priceWad: 3n * CENT,
    tipBps: 16,
  });
  assert.equal(dear.credits, credits);
  const early = await chain.placeLimitOrder(alice, deployment, { serviceId, credits, priceWad: 2n * CENT, tipBps: 4 });
  const late = await chain.placeLimitOrder(bob, deployment, { serviceId, credits, priceWad: 2n * CENT, tipBps: 4 });
  const generous = await chain.placeLimitOrder(bob, deployment, {
    serviceId,
    credits,
    priceWad: 2n * CENT,
    tipBps: 32,
  });
  const listed = await chain.listLimitOrders(publicClient, deployment, { serviceId });
  const turn = [generous, early, late, dear];
  assert.deepEqual(
    listed.map(({ orderId }) => orderId),
    turn.map(({ orderId }) => orderId),
  );
  assert.deepEqual(listed[3], {
    orderId: dear.orderId,
    serviceId,
    owner: alice.account.address,
    priceWad: 3n * CENT,
    tipBps: 16,
    waiting: credits,
    sold: 0n,
    proceeds: 0n,
  });

  const supply = await chain.supplyOf(publicClient, deployment, serviceId);
  const filled = await chain.fillLimitOrders(filler, deployment, { serviceId, maxCredits: 2500n * CREDIT, minTip: 1n });
  assert.equal(filled.credits, 2500n * CREDIT);
  assert.deepEqual(
    filled.runs.map(({ ask, credits }) => [ask.tipBps, credits]),
    [
      [32, credits],
      [4, 1500n * CREDIT],
    ],
  );
  const proceeds = filled.runs.map((run) => run.proceeds);
  assert.equal(proceeds[0]! + proceeds[1]!, areaOfSell(CURVE, supply, 2500n * CREDIT));
  assert.equal(filled.tip, (proceeds[0]! * 32n) / 10_000n + (proceeds[1]! * 4n) / 10_000n);
  const bobs = await chain.listLimitOrders(publicClient, deployment, { serviceId, owner: bob.account.address });
  assert.deepEqual(
    bobs.map(({ waiting, sold }) => [waiting, sold]),
    [
      [0n, credits],
      [500n * CREDIT, 500n * CREDIT],
    ],
  );

  const returned = await chain.cancelLimitOrder(bob, deployment, { orderId: late.orderId });
  assert.equal(returned.credits, 500n * CREDIT);
  let paid = filled.tip;
  for (const { orderId } of [generous, early, late]) {
    const { proceeds: expected } = await chain.getLimitOrder(publicClient, deployment, orderId);
    const claimed = await chain.claimLimitOrder(filler, deployment, { orderId });
    assert.equal(claimed.proceeds, expected);
    assert.ok(claimed.proceeds * CREDIT >= (2n * CENT * claimed.credits) / CREDIT);
    paid += claimed.proceeds;
  }
  assert.equal(paid, proceeds[0]! + proceeds[1]!);
  await chain.cancelLimitOrder(alice, deployment, { orderId: dear.orderId });
  const [token, account] = [deployment.mockUsd, deployment.limitOrders];
  assert.equal(await chain.claimOf(publicClient, deployment, { token, account }), 0n);
  assert.equal(await chain.creditsOf(publicClient, deployment, { serviceId, account }), 0n);
  assert.deepEqual(await chain.listLimitOrders(publicClient, deployment, { serviceId }), []);
  assert.equal((await chain.withdrawClaim(filler, deployment, { token })).amount, filled.tip);
});

test("bad orders are refused with a code", async () => {
  const { deployment, publicClient } = market;
  const serviceId = await startService();
  const order = { serviceId, credits: CREDIT, priceWad: 2n * CENT, tipBps: 0 } as const;
  const place = (changes: object) => chain.placeLimitOrder(alice, deployment, { ...order, ...changes });
  await refusedWith("protocol/out-of-range", place({ tipBps: 3 }));
  await refusedWith("curve/out-of-range", place({ priceWad: 11n * CENT }));
  await refusedWith("chain/order-too-small", place({ credits: CREDIT - 1n }));
  await refusedWith("chain/insufficient-credits", place({ credits: 10n ** 24n }));
  const { orderId } = await place({ priceWad: 10n * CENT });
  await refusedWith("chain/unknown-order", chain.getLimitOrder(publicClient, deployment, orderId + 1n));
  await refusedWith("chain/forbidden", chain.cancelLimitOrder(bob, deployment, { orderId }));
  await refusedWith("chain/nothing-to-claim", chain.claimLimitOrder(alice, deployment, { orderId }));
  await refusedWith("chain/nothing-to-fill", chain.fillLimitOrders(filler, deployment, { serviceId }));
  const cheap = await place({});
  await refusedWith("chain/slippage", chain.fillLimitOrders(filler, deployment, { serviceId, minTip: 1n }));
  await chain.fillLimitOrders(filler, deployment, { serviceId });
  await refusedWith("chain/nothing-to-cancel", chain.cancelLimitOrder(alice, deployment, { orderId: cheap.orderId }));
});

test("the contract and @demec/protocol have the same grid of prices, tips and lots", async () => {
  const { deployment, publicClient } = market;
  await fc.assert(
    fc.asyncProperty(fc.bigInt(0n, 251_999n), fc.constantFrom(...TIPS_BPS), async (level, tip) => {
      const tick = level * 16n + 15n - BigInt(TIPS_BPS.indexOf(tip));
      const [priceWad, tipBps, lot] = await readContract(publicClient, {
        address: deployment.limitOrders,
        abi: chain.limitOrdersAbi,
        functionName: "tickInfo",
        args: [tick],
      });
      assert.deepEqual({ priceWad, tipBps: Number(tipBps), lot }, askOf(tick));
      assert.equal(tickOf(priceWad, tip), tick);
    }),
    { numRuns: 60 },
  );
});

test("placing costs at most 120,000 gas, filling a tick 200,000 however many orders wait in it, passing a gap 100,000 more", async () => {
  const { deployment } = market;
  const serviceId = await startService();
  const order = { serviceId, credits: 10n * CREDIT, priceWad: 2n * CENT, tipBps: 8 } as const;
  const place = (client: chain.WriteClient) => chain.placeLimitOrder(client, deployment, order);
  const fill = (credits: bigint) =>
    chain.fillLimitOrders(filler, deployment, { serviceId, maxCredits: credits * CREDIT });
  const atMost = (limit: bigint, { gasUsed }: chain.Mined, what: string) =>
    assert.ok(gasUsed <= limit, `${what} costs ${gasUsed} gas`);

  // A book in use: half an order always waits in the tick, everybody holds credits and claims.
  await place(bob);
  await fill(5n);
  const { orderId } = await place(alice);
  for (const orders of [1, 5, 20, 1]) {
    for (let i = 0; i < orders; i++) atMost(120_000n, await place(bob), "placing");
    atMost(200_000n, await fill(BigInt(orders) * 10n), `filling ${orders} orders`);
  }
  atMost(110_000n, await chain.claimLimitOrder(alice, deployment, { orderId }), "claiming");
  const gap = await place(alice);
  await place(bob);
  atMost(130_000n, await chain.cancelLimitOrder(alice, deployment, { orderId: gap.orderId }), "cancelling");
  const filled = await fill(25n);
  assert.equal(filled.runs.length, 2);
  atMost(300_000n, filled, "filling around a gap");
});
