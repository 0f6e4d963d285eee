import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import { createWalletClient, custom } from "viem";
import { CREDIT, makeOffer, open, serviceParams, startTrade, type TestChain } from "../support/market.ts";
import { refusedWith } from "../support/refused.ts";

const DELAY = 3600;
let market: TestChain;
let admin: chain.WriteClient;
let buyer: chain.WriteClient;
let owner: chain.WriteClient;
let serviceId: bigint;
before(async () => {
  const parameters = { adminDelay: DELAY };
  ({ market, owner, buyer, serviceId } = await startTrade({ credits: 500n * CREDIT, parameters }));
  const { connection } = market;
  const [first] = await connection.viem.getWalletClients();
  // The deployer is admin and pauser unless the parameters say otherwise.
  admin = createWalletClient({
    account: first!.account.address,
    chain: first!.chain,
    transport: custom(connection.provider, { retryCount: 0 }),
  });
});
after(() => market.connection.close());

test("a pause stops buying and opening, not selling; it ends after an announcement and the delay", async () => {
  const { deployment, publicClient } = market;
  await refusedWith("chain/forbidden", chain.pauseMarket(buyer, deployment));
  await chain.pauseMarket(admin, deployment);
  assert.equal(await chain.isPaused(publicClient, deployment), true);
  const buying = { serviceId, credits: CREDIT, maxCost: 1_000_000n };
  await refusedWith("chain/paused", chain.buyCredits(buyer, deployment, buying));
  const offer = makeOffer(serviceId, owner.account!.address);
  await refusedWith("chain/paused", open(market, buyer, 1, offer));
  await chain.sellCredits(buyer, deployment, { serviceId, credits: CREDIT, minProceeds: 1n });

  const act = { type: "unpause" } as const;
  await refusedWith("chain/not-announced", chain.performStewardAct(admin, deployment, act));
  await refusedWith("chain/forbidden", chain.announceStewardAct(buyer, deployment, act));
  await chain.announceStewardAct(admin, deployment, act);
  await refusedWith("chain/too-early", chain.performStewardAct(admin, deployment, act));
  await market.passTime(DELAY);
  await chain.performStewardAct(admin, deployment, act);
  await chain.buyCredits(buyer, deployment, buying);
  await open(market, buyer, 1, offer);
});

test("a retired meter version gets no new services and sessions", async () => {
  const { deployment, publicClient } = market;
  const act = { type: "retireMeterVersion", meterVersion: 1 } as const;
  assert.equal(await chain.isMeterVersionRetired(publicClient, deployment, 1), false);
  await chain.announceStewardAct(admin, deployment, act);
  await market.passTime(DELAY);
  await chain.performStewardAct(admin, deployment, act);
  assert.equal(await chain.isMeterVersionRetired(publicClient, deployment, 1), true);
  await refusedWith(
    "chain/meter-retired",
    open(market, buyer, 1, makeOffer(serviceId, owner.account!.address, { nonce: 9n })),
  );
  await refusedWith("chain/meter-retired", chain.createService(buyer, deployment, serviceParams(deployment.mockUsd)));
});
