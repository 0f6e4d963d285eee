// Stake over a real chain: delegators share in rewards and slashes, and keys rotate without disowning a signature.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import type { Address } from "@demec/protocol";
import { bareRequest } from "@demec/protocol/testing";
import { erc20Abi } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { readContract } from "viem/actions";
import {
  CREDIT,
  cosign,
  makeOffer,
  open,
  serviceParams,
  startChain,
  startProvider,
  type TestChain,
  testKey,
} from "../support/market.ts";
import { refusedWith } from "../support/refused.ts";

type Person = Awaited<ReturnType<TestChain["account"]>>;

const DAY = 24n * 3600n;
const PERIOD = 7n * DAY;
const STAKE = 10_000n * CREDIT;

let market: TestChain;
before(async () => {
  market = await startChain();
});
after(() => market.connection.close());

const now = async () => (await market.publicClient.getBlock()).timestamp;

/** Lets the chain's clock stand at `time`. */
async function passTo(time: bigint): Promise<void> {
  await market.testClient.setNextBlockTimestamp({ timestamp: time });
  await market.testClient.mine({ blocks: 1 });
}

const balanceOf = (account: Address) =>
  readContract(market.publicClient, {
    address: market.deployment.demecToken,
    abi: erc20Abi,
    functionName: "balanceOf",
    args: [account],
  });

/** Every stake token that the two contracts hold is somebody's. */
async function assertBooksBalance(owner: Address): Promise<void> {
  const { deployment, publicClient } = market;
  const pool = await chain.getPool(publicClient, deployment, owner);
  assert.equal(await balanceOf(deployment.delegation), pool.assets + pool.streaming + pool.pending);
}

async function delegate(person: Person, owner: Address, amount: bigint): Promise<bigint> {
  const { deployment } = market;
  const shares = await chain.previewDelegate(person, deployment, { owner, amount });
  await chain.approveExact(person, deployment, {
    token: deployment.demecToken,
    spender: deployment.delegation,
    amount,
  });
  const done = await chain.delegate(person, deployment, { owner, amount, minShares: shares });
  assert.equal(done.shares, shares);
  return shares;
}

/** The buyer demands a call on chain, the provider stays silent until the session is closed over it. @returns slashed at once */
async function leaveUnanswered(
  buyer: Person,
  { params, sessionId }: Pick<chain.SessionOpening, "params" | "sessionId">,
): Promise<bigint> {
  const { deployment, publicClient } = market;
  const limits = { bitOps: 1n, floatOps: 0n, memoryPages: 1, outputBytes: 1 };
  const request = bareRequest({ shape: "command", limits });
  await passTo((await chain.demand(buyer, deployment, { params, newest: null, request })).deadline);
  const { slashed } = await chain.expireDemand(buyer, deployment, { params });
  await passTo(BigInt((await chain.getSession(publicClient, deployment, sessionId)).deadline));
  await chain.finishClosing(buyer, deployment, { params, state: null });
  return slashed;
}

/** A provider with a service of its own and a buyer with credits. */
async function startTrade(operator: number) {
  const { deployment } = market;
  const [owner, buyer] = [await market.account(), await market.account()];
  const { serviceId } = await chain.createService(owner, deployment, serviceParams(deployment.mockUsd));
  await startProvider(market, owner, operator, [serviceId], STAKE);
  const amount = 10n ** 11n;
  await chain.approveExact(buyer, deployment, { token: deployment.mockUsd, spender: deployment.market, amount });
  await chain.buyCredits(buyer, deployment, { serviceId, credits: 200_000n * CREDIT, maxCost: amount });
  return { owner, buyer, serviceId };
}

test("delegators back a bond, share its premium, the rewards and a slash, and leave after the unbonding delay", async () => {
  const { deployment, publicClient } = market;
  const { owner: provider, buyer, serviceId } = await startTrade(1);
  const owner = provider.account.address;
  const [alice, bob] = [await market.account(), await market.account()];
  const worthOf = async (person: Person) =>
    (await chain.getDelegation(publicClient, deployment, { owner, delegator: person.account.address })).value;

  await chain.announceTerms(provider, deployment, { premiumBps: 100, commissionBps: 1_000 });
  await refusedWith(
    "chain/bad-terms",
    chain.announceTerms(provider, deployment, { premiumBps: 1_001, commissionBps: 0 }),
  );
  await refusedWith(
    "chain/nothing-delegated",
    chain
      .approveExact(bob, deployment, { token: deployment.demecToken, spender: deployment.delegation, amount: 1n })
      .then(() => chain.addReward(bob, deployment, { owner, amount: 1n })),
  );
  const shares = await delegate(alice, owner, 3_000n * CREDIT);
  await delegate(bob, owner, 1_000n * CREDIT);
  await refusedWith("chain/delegation-full", delegate(bob, owner, 36_001n * CREDIT));
  await refusedWith(
    "chain/insufficient-shares",
    chain.requestUndelegate(alice, deployment, { owner, shares: shares + 1n }),
  );
  assert.equal((await chain.getPool(publicClient, deployment, owner)).backing, 4_000n * CREDIT);
  const { free, delegated } = await chain.getProvider(publicClient, deployment, owner);
  assert.equal(free, STAKE + 4_000n * CREDIT);
  assert.equal(delegated, 4_000n * CREDIT);

  // Own stake bears 10,000 of the bond; of the 2,000 that delegators back, it pays them 1%.
  const offer = makeOffer(serviceId, owner, { nonce: 1n, demandMaxInputBytes: 256, demandWindow: 3600 });
  const session = await open(market, buyer, 1, offer, { credits: 12_000n * CREDIT });
  assert.equal((await chain.getProvider(publicClient, deployment, owner)).staked, STAKE - 20n * CREDIT);
  assert.equal((await chain.getPool(publicClient, deployment, owner)).pending, 20n * CREDIT);

  // Of 80 that somebody gives, the provider keeps a tenth.
  const spender = deployment.delegation;
  await chain.approveExact(buyer, deployment, { token: deployment.demecToken, spender, amount: 80n * CREDIT });
  const { commission } = await chain.addReward(buyer, deployment, { owner, amount: 80n * CREDIT });
  assert.equal(commission, 8n * CREDIT);
  assert.equal(await worthOf(alice), 3_000n * CREDIT, "nothing at once");
  const start = (await now()) - ((await now()) % PERIOD) + PERIOD;
  await passTo(start + PERIOD / 2n);
  assert.equal(await worthOf(alice), 3_000n * CREDIT + ((20n + 72n) * CREDIT * 3n) / 8n - 1n, "half of it half way");
  await passTo(start + PERIOD);
  assert.equal(await worthOf(alice), 3_000n * CREDIT + ((20n + 72n) * CREDIT * 3n) / 4n - 1n);
  await assertBooksBalance(owner);

  // The provider never answers a demand: of the bond of 12,000 its own stake of 9,988 burns, and of the delegators' the rest.
  const { releasableAt } = await chain.requestUndelegate(alice, deployment, { owner, shares });
  const slashed = await leaveUnanswered(buyer, session);
  const own = STAKE - 12n * CREDIT;
  const lost = 12_000n * CREDIT - own;
  const before = 4_092n * CREDIT;
  assert.equal(slashed, lost, "what the session held of the own stake burned when it ended");
  assert.equal((await chain.getProvider(publicClient, deployment, owner)).staked, 0n);
  const reward = await chain.withdrawReward(buyer, deployment);
  assert.equal(reward.amount, own / 20n, "a twentieth of what the owner lost, nothing of what delegators did");
  const left = await chain.getPool(publicClient, deployment, owner);
  assert.equal(left.assets, before - lost, "delegators");
  const close = (actual: bigint, expected: bigint, what: string) =>
    assert.ok(actual <= expected && expected - actual < 10n, `${what}: ${actual}, not ${expected}`);
  close(await worthOf(alice), ((before - lost) * 3n) / 4n, "on her way out, slashed like all others");
  close(await worthOf(bob), (before - lost) / 4n, "bob");

  await refusedWith("chain/too-early", chain.withdrawDelegation(alice, deployment, { owner }));
  await passTo(releasableAt);
  const had = await balanceOf(alice.account.address);
  const { amount } = await chain.withdrawDelegation(alice, deployment, { owner });
  close(amount, ((before - lost) * 3n) / 4n, "paid out");
  assert.equal((await balanceOf(alice.account.address)) - had, amount);
  await refusedWith("chain/nothing-to-withdraw", chain.withdrawDelegation(alice, deployment, { owner }));
  await assertBooksBalance(owner);
});

test("keys rotate after a day, nothing stops meanwhile, and every signature stays the owner's", async () => {
  const { deployment, publicClient } = market;
  const { owner: provider, buyer, serviceId } = await startTrade(2);
  const owner = provider.account.address;
  const [former, next] = [privateKeyToAddress(testKey(2)), privateKeyToAddress(testKey(3))];
  const started = await now();

  const consent = await chain.makeOperatorConsent(provider, deployment, { owner, operatorPrivateKey: testKey(3) });
  const { from } = await chain.bindOperator(provider, deployment, consent);
  assert.equal(from, (await now()) + DAY);
  const nodeKey = `0x${"33".repeat(32)}` as const;
  const nodeKeyFrom = (await chain.setNodeKey(provider, deployment, nodeKey)).from;
  assert.deepEqual(await chain.getProviderKeys(publicClient, deployment, owner), {
    operator: former,
    nextOperator: next,
    nextOperatorFrom: from,
    nodeKey: `0x${"11".repeat(32)}`,
    nextNodeKey: nodeKey,
    nextNodeKeyFrom: nodeKeyFrom,
  });

  // While it is announced, the present operator's offers open sessions and the next one's don't.
  const session = await open(market, buyer, 2, makeOffer(serviceId, owner, { nonce: 1n }));
  await refusedWith("chain/foreign-signer", open(market, buyer, 3, makeOffer(serviceId, owner, { nonce: 2n })));
  await passTo(nodeKeyFrom);
  await refusedWith("chain/foreign-signer", open(market, buyer, 2, makeOffer(serviceId, owner, { nonce: 2n })));
  await open(market, buyer, 3, makeOffer(serviceId, owner, { nonce: 2n }));
  assert.equal((await chain.getProvider(publicClient, deployment, owner)).nodeKey, nodeKey);

  // What the former one signs for its session still counts, and who it was is known for ever.
  assert.equal(session.params.operator, former);
  const { params, sessionId } = session;
  const signed = cosign(deployment, 2, { sessionId, creditsUsed: CREDIT, isFinal: true });
  await chain.closeSession(buyer, deployment, { params, signed });
  const at = (time: bigint) => chain.operatorAt(publicClient, deployment, { owner, time });
  assert.deepEqual(
    [await at(1n), await at(started), await at(from - 1n), await at(from)],
    [`0x${"00".repeat(20)}`, former, former, next],
  );
  await refusedWith("protocol/out-of-range", at((await now()) + 1n));

  await chain.revokeOperator(provider, deployment);
  await refusedWith("chain/provider-inactive", open(market, buyer, 3, makeOffer(serviceId, owner, { nonce: 3n })));
  assert.equal(await at(from), next);
});
