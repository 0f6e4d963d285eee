import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import { type ErrorCode, isDemecError } from "@demec/protocol";
import { createWalletClient, custom } from "viem";
import {
  CREDIT,
  makeOffer,
  open,
  serviceParams,
  startChain,
  startProvider,
  type TestChain,
} from "../support/market.ts";

const DELAY = 3600;
let market: TestChain;
let admin: chain.WriteClient;
let buyer: chain.WriteClient;
let owner: chain.WriteClient;
let serviceId: bigint;
before(async () => {
  market = await startChain({ adminDelay: DELAY });
  const { deployment, connection } = market;
  const [first] = await connection.viem.getWalletClients();
  // The deployer is admin and pauser unless the parameters say otherwise.
  admin = createWalletClient({
    account: first!.account.address,
    chain: first!.chain,
    transport: custom(connection.provider, { retryCount: 0 }),
  });
  const publisher = await market.account();
  [owner, buyer] = [await market.account(), await market.account()];
  ({ serviceId } = await chain.createService(publisher, deployment, serviceParams(deployment.mockUsd)));
  await startProvider(market, owner, 1, [serviceId]);
  await chain.approveExact(buyer, deployment, {
    token: deployment.mockUsd,
    spender: deployment.market,
    amount: 1_000_000_000n,
  });
  await chain.buyCredits(buyer, deployment, { serviceId, credits: 500n * CREDIT, maxCost: 500_000_000n });
});
after(() => market.connection.close());

const refused = (call: Promise<unknown>, code: ErrorCode) => assert.rejects(call, (error) => isDemecError(error, code));
const passTime = async (seconds: number) => {
  await market.testClient.increaseTime({ seconds });
  await market.testClient.mine({ blocks: 1 });
};

test("a pause stops buying and opening, not selling; it ends after an announcement and the delay", async () => {
  const { deployment, publicClient } = market;
  await refused(chain.pauseMarket(buyer, deployment), "chain/forbidden");
  await chain.pauseMarket(admin, deployment);
  assert.equal(await chain.isPaused(publicClient, deployment), true);
  const buying = { serviceId, credits: CREDIT, maxCost: 1_000_000n };
  await refused(chain.buyCredits(buyer, deployment, buying), "chain/paused");
  const offer = makeOffer(serviceId, owner.account!.address);
  await refused(open(market, buyer, 1, offer), "chain/paused");
  await chain.sellCredits(buyer, deployment, { serviceId, credits: CREDIT, minProceeds: 1n });

  const act = { type: "unpause" } as const;
  await refused(chain.performStewardAct(admin, deployment, act), "chain/not-announced");
  await refused(chain.announceStewardAct(buyer, deployment, act), "chain/forbidden");
  await chain.announceStewardAct(admin, deployment, act);
  await refused(chain.performStewardAct(admin, deployment, act), "chain/too-early");
  await passTime(DELAY);
  await chain.performStewardAct(admin, deployment, act);
  await chain.buyCredits(buyer, deployment, buying);
  await open(market, buyer, 1, offer);
});

test("a retired meter version gets no new services and sessions", async () => {
  const { deployment, publicClient } = market;
  const act = { type: "retireMeterVersion", meterVersion: 1 } as const;
  assert.equal(await chain.isMeterVersionRetired(publicClient, deployment, 1), false);
  await chain.announceStewardAct(admin, deployment, act);
  await passTime(DELAY);
  await chain.performStewardAct(admin, deployment, act);
  assert.equal(await chain.isMeterVersionRetired(publicClient, deployment, 1), true);
  await refused(
    open(market, buyer, 1, makeOffer(serviceId, owner.account!.address, { nonce: 9n })),
    "chain/meter-retired",
  );
  await refused(chain.createService(buyer, deployment, serviceParams(deployment.mockUsd)), "chain/meter-retired");
});
