// The light client over a real chain: what it proves is what the contracts' own getters say, whatever has happened.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import { createLightClient, type LightClient, type LightClientOptions } from "@demec/chain/light";
import type { Address, Hex } from "@demec/protocol";
import fc from "fast-check";
import { custom } from "viem";
import { privateKeyToAccount } from "viem/accounts";
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

let market: TestChain;
let light: LightClient;
let owner: Person;
let buyer: Person;
let serviceId: bigint;
before(async () => {
  market = await startChain();
  const publisher = await market.account();
  owner = await market.account();
  buyer = await market.account();
  const { deployment } = market;
  serviceId = (await chain.createService(publisher, deployment, serviceParams(deployment.mockUsd))).serviceId;
  await startProvider(market, owner, 1, [serviceId]);
  const amount = 100_000n * 10n ** 6n;
  await chain.approveExact(buyer, deployment, { token: deployment.mockUsd, spender: deployment.market, amount });
  await chain.buyCredits(buyer, deployment, { serviceId, credits: 10_000n * CREDIT, maxCost: amount });
  light = clientWith({});
});
after(() => market.connection.close());

function clientWith(options: Partial<LightClientOptions>): LightClient {
  const node = () => custom(market.connection.provider, { retryCount: 0 });
  return createLightClient({
    nodes: [node(), node()],
    deployment: market.deployment,
    depth: 0,
    blockMs: 0,
    ...options,
  });
}

/** Every value that is proved of the provider and its service, against the getters. */
async function assertAsTheContractsSay(): Promise<void> {
  const { publicClient, deployment } = market;
  const provider = owner.account.address;
  const { debt, ...proved } = (await light.provider(provider)).value;
  assert.deepEqual(proved, await chain.getProvider(publicClient, deployment, provider));
  assert.ok(debt === 0n || !proved.active);
  const enrolled = await light.isEnrolled({ serviceId, provider });
  assert.equal(enrolled.value, await chain.isEnrolled(publicClient, deployment, { serviceId, provider }));
}

const amountArb = fc.bigInt({ min: 1n, max: 5_000n * CREDIT });
/** What may happen to a provider. What the contracts refuse is a step too: nothing changes. */
const stepArb = fc.oneof(
  fc.record({
    act: fc.constantFrom("stake", "requestUnstake", "delegate", "undelegate", "reward" as const),
    amount: amountArb,
  }),
  fc.record({ act: fc.constantFrom("pass" as const), amount: fc.bigInt({ min: 1n, max: 20n * 86_400n }) }),
  fc.record({
    act: fc.constantFrom("nodeKey", "operator", "open", "regions" as const),
    amount: fc.bigInt({ min: 1n, max: 8n }),
  }),
  fc.record({
    act: fc.constantFrom("revoke", "deregister", "register", "withdraw", "enrol", "resign" as const),
    amount: fc.constant(1n),
  }),
);
type Step = { readonly act: string; readonly amount: bigint };

let nonce = 100n;
async function take({ act, amount }: Step): Promise<unknown> {
  const { deployment } = market;
  const own = owner.account.address;
  const approved = async (client: Person, spender: Address) =>
    chain.approveExact(client, deployment, { token: deployment.demecToken, spender, amount });
  const nodeKey: Hex = `0x${amount.toString(16).padStart(64, "a")}`;
  switch (act) {
    case "stake":
      await approved(owner, deployment.staking);
      return chain.stake(owner, deployment, amount);
    case "requestUnstake":
      return chain.requestUnstake(owner, deployment, amount);
    case "delegate":
      await approved(buyer, deployment.delegation);
      return chain.delegate(buyer, deployment, { owner: own, amount });
    case "undelegate":
      return chain.requestUndelegate(buyer, deployment, { owner: own, shares: amount });
    case "reward":
      await approved(buyer, deployment.delegation);
      return chain.addReward(buyer, deployment, { owner: own, amount });
    case "pass":
      return market.passTime(Number(amount));
    case "nodeKey":
      return chain.setNodeKey(owner, deployment, nodeKey);
    case "regions":
      return chain.setRegions(
        owner,
        deployment,
        Array.from({ length: Number(amount) }, (_, i) => `eu-de-${"x".repeat(i * 3)}y`),
      );
    case "operator":
    case "register": {
      const consent = { owner: own, operatorPrivateKey: testKey(Number(amount)) };
      const signed = await chain.makeOperatorConsent(owner, deployment, consent);
      if (act === "operator") return chain.bindOperator(owner, deployment, signed);
      return chain.registerProvider(owner, deployment, { ...signed, nodeKey, regions: ["eu-de-fra"] });
    }
    case "open": {
      const { operator } = await chain.getProvider(market.publicClient, deployment, own);
      const key = [1, 2, 3, 4, 5, 6, 7, 8].find((n) => privateKeyToAccount(testKey(n)).address === operator) ?? 1;
      const offer = makeOffer(serviceId, own, { nonce: ++nonce, bondPerCredit: 50n * CREDIT });
      return open(market, buyer, key, offer, { credits: amount * CREDIT });
    }
    case "revoke":
      return chain.revokeOperator(owner, deployment);
    case "deregister":
      return chain.deregisterProvider(owner, deployment);
    case "withdraw":
      return chain.withdrawStake(owner, deployment, { to: own });
    case "enrol":
      return chain.enrol(owner, deployment, serviceId);
    default:
      return chain.resign(owner, deployment, serviceId);
  }
}

test("after whatever happens to a provider, every proved field is what the contracts' getters say", async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(stepArb, { minLength: 4, maxLength: 8 }), async (steps) => {
      for (const step of steps) {
        await take(step).then(
          () => taken++,
          () => undefined,
        );
        await assertAsTheContractsSay();
      }
    }),
    { numRuns: 12, seed: 7, endOnFailure: true },
  );
  assert.ok(taken > 30, `only ${taken} steps did anything`);
});

test("a service's proved terms, supply and credits are what the contracts' getters say", async () => {
  const { publicClient, deployment } = market;
  const publisher = await market.account();
  const intArb = fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n - 1n });
  const bpsArb = fc.integer({ min: 0, max: 10_000 });
  const termsArb = fc.record({
    codeHash: fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes): Hex => `0x${Buffer.from(bytes).toString("hex")}`),
    royaltyBps: fc.integer({ min: 0, max: 2_000 }),
    tariff: fc.record({ a: intArb, b: intArb, c: intArb, d: intArb, e: intArb, f: intArb }),
    sla: fc.record({
      maxLatencyMs: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      toleranceBps: bpsArb,
      rebateBps: bpsArb,
      bondPenaltyBps: bpsArb,
    }),
    challengePeriod: fc.integer({ min: 60, max: 30 * 86_400 }),
    minBondPerCredit: fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }),
    meterVersion: fc.integer({ min: 1, max: 2 ** 16 - 1 }),
  });
  await fc.assert(
    fc.asyncProperty(termsArb, async (terms) => {
      const created = await chain.createService(publisher, deployment, serviceParams(deployment.mockUsd, terms));
      const proved = await light.service(created.serviceId);
      assert.deepEqual(proved.value, await chain.getService(publicClient, deployment, created.serviceId));
    }),
    { numRuns: 10 },
  );
  assert.deepEqual((await light.supply(serviceId)).value, {
    supply: await chain.supplyOf(publicClient, deployment, serviceId),
    reserve: await chain.reserveOf(publicClient, deployment, serviceId),
  });
  const holding = { serviceId, account: buyer.account.address };
  assert.equal((await light.credits(holding)).value, await chain.creditsOf(publicClient, deployment, holding));
  assert.equal((await light.isMeterVersionRetired(1)).value, false);
  await refusedWith("chain/unknown-service", light.service(10_000n));
});

test("a session is proved from its opening to its settlement, and only under its own parameters", async () => {
  const { publicClient, deployment } = market;
  const seller = await market.account();
  await startProvider(market, seller, 3, [serviceId]);
  const offer = makeOffer(serviceId, seller.account.address, { nonce: 1n });
  const { sessionId, params } = await open(market, buyer, 3, offer);
  const assertProved = async () => {
    const { stateHash, demanded, slashed, ...proved } = (await light.session(sessionId, params)).value;
    const { openedInBlock, ...told } = await chain.getSession(publicClient, deployment, sessionId);
    assert.deepEqual(proved, told);
    const stored = await readContract(publicClient, {
      address: deployment.escrow,
      abi: chain.slaEscrowAbi,
      functionName: "getSession",
      args: [sessionId],
    });
    assert.deepEqual([stateHash, demanded, slashed], [stored.stateHash, false, false]);
  };
  await assertProved();
  const part = cosign(deployment, 3, { sessionId, creditsUsed: 10n * CREDIT, invocations: 3n });
  await chain.collect(buyer, deployment, { params, signed: part });
  await assertProved();
  const next = cosign(deployment, 3, { sessionId, seq: 2n, creditsUsed: 20n * CREDIT, invocations: 5n });
  await chain.startClosing(buyer, deployment, { params, signed: next });
  await assertProved();
  await chain.closeSession(buyer, deployment, {
    params,
    signed: cosign(deployment, 3, { sessionId, seq: 3n, isFinal: true }),
  });
  await assertProved();

  await refusedWith("chain/unknown-session", light.session(sessionId, { ...params, credits: 1n }));
  const strange = { ...params, openedAt: 1n };
  await refusedWith("chain/unknown-session", light.session(chain.sessionIdOf(strange), strange));
});

test("contracts that are not the project's are refused, however well their state is proved", async () => {
  const { deployment } = market;
  const elsewhere = clientWith({ deployment: { ...deployment, staking: deployment.registry } });
  await refusedWith("light/foreign-code", elsewhere.provider(owner.account.address));
  const rewired = clientWith({ deployment: { ...deployment, escrow: deployment.court } });
  await refusedWith("light/foreign-code", rewired.provider(owner.account.address));
  const nowhere = clientWith({ deployment: { ...deployment, registry: owner.account.address } });
  await refusedWith("light/foreign-code", nowhere.isEnrolled({ serviceId, provider: owner.account.address }));
});

test("a quorum that can't be one is refused", () => {
  const node = custom(market.connection.provider);
  for (const options of [{ nodes: [node] }, { nodes: [node, node] }, { quorum: 0 }, { depth: -1 }]) {
    assert.throws(() => clientWith(options), { code: "light/bad-options" });
  }
});
