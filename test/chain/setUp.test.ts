// Setting a provider up does what is missing and nothing else, so that it can run at every start.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { createService, getProvider, getProviderKeys, listEnrolledProviders } from "@demec/chain";
import { type SetUpOptions, setUpProvider } from "@demec/provider";
import { privateKeyToAddress } from "viem/accounts";
import { CREDIT, serviceParams, startChain, type TestChain, testKey } from "../support/market.ts";

let market: TestChain;
before(async () => {
  market = await startChain();
});
after(() => market.connection.close());

test("a provider is set up once; later runs send a transaction for what has changed alone", async () => {
  const { deployment, publicClient: client } = market;
  const [publisher, ownerWallet] = [await market.account(), await market.account()];
  const owner = ownerWallet.account.address;
  const services = [];
  for (let i = 0; i < 2; i++) {
    const { serviceId } = await createService(publisher, deployment, serviceParams(deployment.mockUsd));
    services.push(serviceId);
  }
  const [first, second] = services as [bigint, bigint];
  const options: SetUpOptions = {
    client,
    ownerWallet,
    deployment,
    operatorPrivateKey: testKey(1),
    nodeKey: `0x${"11".repeat(32)}`,
    regions: ["eu-de-fra"],
    stake: 2_000n * CREDIT,
    serviceIds: [first],
  };
  const transactions = async (changes: Partial<SetUpOptions> = {}) => {
    const count = () => client.getTransactionCount({ address: owner });
    const before = await count();
    await setUpProvider({ ...options, ...changes });
    return (await count()) - before;
  };
  const provider = () => getProvider(client, deployment, owner);

  assert.equal(await transactions(), 4, "approve, stake, register, enrol");
  assert.partialDeepStrictEqual(await provider(), {
    operator: privateKeyToAddress(testKey(1)),
    nodeKey: options.nodeKey,
    regions: ["eu-de-fra"],
    staked: 2_000n * CREDIT,
    active: true,
  });
  assert.deepEqual(await listEnrolledProviders(client, deployment, first), [owner]);
  assert.equal(await transactions(), 0);

  assert.equal(await transactions({ regions: ["eu-de-fra", "eu-fr-par"] }), 1, "setRegions");
  assert.deepEqual((await provider()).regions, ["eu-de-fra", "eu-fr-par"]);
  assert.equal(await transactions({ regions: ["eu-de-fra", "eu-fr-par"], serviceIds: [first, second] }), 1, "enrol");
  const grown = { regions: ["eu-de-fra", "eu-fr-par"], stake: 2_500n * CREDIT };
  assert.equal(await transactions(grown), 2, "approve, stake");
  assert.equal((await provider()).staked, 2_500n * CREDIT);
  assert.equal(await transactions({ ...grown, stake: 1n }), 0, "stake is never taken out");

  const rotated = { ...grown, operatorPrivateKey: testKey(2), nodeKey: `0x${"22".repeat(32)}` } as const;
  assert.equal(await transactions(rotated), 2, "bindOperator, setNodeKey");
  assert.equal((await provider()).operator, privateKeyToAddress(testKey(1)), "before the rotation delay is over");
  assert.equal(await transactions(rotated), 0, "a start meanwhile must not put the rotation off");
  const { keysHoldFrom } = await setUpProvider({ ...options, ...rotated });
  const { nextOperatorFrom, nextNodeKeyFrom } = await getProviderKeys(client, deployment, owner);
  assert.ok(nextOperatorFrom > 0n && nextOperatorFrom < nextNodeKeyFrom);
  assert.equal(keysHoldFrom, nextNodeKeyFrom);
  assert.equal(await transactions(grown), 2, "the former keys take the announcements back");
  assert.deepEqual(await setUpProvider({ ...options, ...grown }), { keysHoldFrom: 0n });

  const again = await setUpProvider({ ...options, ...rotated });
  await market.testClient.setNextBlockTimestamp({ timestamp: again.keysHoldFrom });
  await market.testClient.mine({ blocks: 1 });
  assert.partialDeepStrictEqual(await provider(), {
    operator: privateKeyToAddress(testKey(2)),
    nodeKey: rotated.nodeKey,
    active: true,
  });
  assert.equal(await transactions(rotated), 0);
  assert.deepEqual(await setUpProvider({ ...options, ...rotated }), { keysHoldFrom: 0n });
});
