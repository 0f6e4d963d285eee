// Logs are asked for a page of blocks at a time: everything is found, in order, and no request spans more.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import { createPublicClient, custom, hexToBigInt } from "viem";
import { serviceParams, startChain, type TestChain } from "../support/market.ts";

const PAGE = 5_000n;
let market: TestChain;
before(async () => {
  market = await startChain();
});
after(() => market.connection.close());

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
  const spans: bigint[] = [];
  const request: typeof connection.provider.request = (args) => {
    if (args.method === "eth_getLogs") {
      const [{ fromBlock, toBlock }] = args.params as [{ fromBlock: `0x${string}`; toBlock: `0x${string}` }];
      spans.push(hexToBigInt(toBlock) - hexToBigInt(fromBlock) + 1n);
    }
    return connection.provider.request(args);
  };
  const client = createPublicClient({ transport: custom({ request }) });
  const listed = await chain.listServices(client, deployment);
  assert.deepEqual(
    listed.map(({ serviceId }) => serviceId),
    created,
  );
  assert.ok(spans.length >= 3);
  assert.ok(spans.every((span) => span > 0n && span <= PAGE));
});
