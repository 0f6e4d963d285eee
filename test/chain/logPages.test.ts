// Logs are asked for a page of blocks at a time: everything is found, in order, and no request spans more.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import { until } from "@demec/protocol/testing";
import { createPublicClient, custom, hexToBigInt } from "viem";
import { CREDIT, serviceParams, startChain, startProvider, type TestChain, USD } from "../support/market.ts";

const PAGE = 5_000n;
let market: TestChain;
before(async () => {
  market = await startChain();
});
after(() => market.connection.close());

/** A client that notes how many blocks each request for logs spans. */
function spanning(): { client: chain.ReadClient; spans: bigint[] } {
  const { connection } = market;
  const spans: bigint[] = [];
  const request: typeof connection.provider.request = (args) => {
    if (args.method === "eth_getLogs") {
      const [{ fromBlock, toBlock }] = args.params as [{ fromBlock: `0x${string}`; toBlock: `0x${string}` }];
      spans.push(hexToBigInt(toBlock) - hexToBigInt(fromBlock) + 1n);
    }
    return connection.provider.request(args);
  };
  return { client: createPublicClient({ transport: custom({ request }) }), spans };
}

test("services of every age are listed, in order, by requests of 5,000 blocks at most", async () => {
  const { deployment, connection } = market;
  const publisher = await market.account();
  const testClient = await connection.viem.getTestClient();
  const created: bigint[] = [];
  for (const blocks of [0, 4_998, 1, 9_000, 0]) {
    if (blocks > 0) await testClient.mine({ blocks });
    const params = { ...serviceParams(deployment.mockUsd), codeHash: `0x${`${created.length}1`.repeat(32)}` as const };
    created.push((await chain.createService(publisher, deployment, params)).serviceId);
  }
  const { client, spans } = spanning();
  const listed = await chain.listServices(client, deployment);
  assert.deepEqual(
    listed.map(({ serviceId }) => serviceId),
    created,
  );
  assert.ok(spans.length >= 3);
  assert.ok(spans.every((span) => span > 0n && span <= PAGE));
});

test("trades are listed as they happened, those of one block too, and providers as they registered", async () => {
  const { deployment, connection } = market;
  const testClient = await connection.viem.getTestClient();
  const [publisher, early, late] = [await market.account(), await market.account(), await market.account()];
  const { serviceId } = await chain.createService(publisher, deployment, serviceParams(deployment.mockUsd));
  await startProvider(market, late, 1, []);
  await testClient.mine({ blocks: 6_000 });
  await startProvider(market, early, 2, []);
  for (const buyer of [early, late]) {
    const allowance = { token: deployment.mockUsd, spender: deployment.market, amount: 10n * USD };
    await chain.approveExact(buyer, deployment, allowance);
  }
  const buy = (buyer: chain.WriteClient) =>
    chain.buyCredits(buyer, deployment, { serviceId, credits: 2n * CREDIT, maxCost: 5n * USD });
  const first = await buy(early);
  await testClient.mine({ blocks: 6_000 });
  await testClient.setAutomine(false);
  const pendingOf = ({ account: { address } }: chain.WriteClient) =>
    market.publicClient.getTransactionCount({ address, blockTag: "pending" });
  const before = await pendingOf(early);
  const selling = chain.sellCredits(early, deployment, { serviceId, credits: CREDIT, minProceeds: 0n });
  await until("the sale is sent", async () => (await pendingOf(early)) > before);
  const beforeBuying = await pendingOf(late);
  const buying = buy(late);
  await until("the purchase is sent", async () => (await pendingOf(late)) > beforeBuying);
  await testClient.mine({ blocks: 1 });
  const [sold, bought] = await Promise.all([selling, buying]);
  await testClient.setAutomine(true);
  assert.equal(sold.blockNumber, bought.blockNumber);

  const { client, spans } = spanning();
  const trades = await chain.listTrades(client, deployment, serviceId);
  assert.deepEqual(
    trades.map(({ kind, account, credits, money, transactionHash }) => [
      kind,
      account,
      credits,
      money,
      transactionHash,
    ]),
    [
      ["bought", early.account.address, 2n * CREDIT, first.cost, first.transactionHash],
      ["sold", early.account.address, CREDIT, sold.proceeds, sold.transactionHash],
      ["bought", late.account.address, 2n * CREDIT, bought.cost, bought.transactionHash],
    ],
  );
  assert.deepEqual(
    (await chain.listProviders(client, deployment)).map(({ owner }) => owner),
    [late.account.address, early.account.address],
  );
  assert.ok(spans.length >= 9);
  assert.ok(spans.every((span) => span > 0n && span <= PAGE));
});
