// What TypeScript signs is what the contracts, the real Permit2 and a token with permits and authorisations accept.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import * as chain from "@demec/chain";
import {
  type Address,
  type BuyIntent,
  type PaymentMethod,
  PERMIT2_ADDRESS,
  type SessionIntent,
  signMessageOf,
} from "@demec/protocol";
import { parseAbi, parseSignature } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { readContract, writeContract } from "viem/actions";
import {
  CREDIT,
  escrowDomain,
  makeOffer,
  serviceParams,
  startChain,
  startProvider,
  type TestChain,
  testKey,
  USD,
} from "../support/market.ts";
import { approvePermit2, placePermit2 } from "../support/permit2.ts";
import { refused } from "../support/refused.ts";

const TOKEN_ABI = parseAbi([
  "function balanceOf(address) view returns (uint256)",
  "function allowance(address owner, address spender) view returns (uint256)",
  "function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)",
]);
const OPERATOR = 1;
const MONEY = 10_000_000n * USD;
/** Methods whose signature says all that is to be done. */
const RELAYED = ["permit2", "authorization"] as const;
/** Who says no to a signature that does not fit. */
const REFUSAL = { permit2: /InvalidSigner/, authorization: /Payment_AuthorizationRefused/ } as const;

interface Stage {
  readonly market: TestChain;
  readonly owner: chain.WriteClient;
  readonly payer: chain.WriteClient;
  readonly stranger: chain.WriteClient;
  readonly serviceId: bigint;
  readonly otherService: bigint;
}

async function start(chainId?: number): Promise<Stage> {
  const market = await startChain({}, chainId);
  const { deployment } = market;
  const [publisher, owner, payer, stranger] = [
    await market.account(),
    await market.account(),
    await market.account(),
    await market.account(),
  ];
  const params = serviceParams(deployment.mockUsd);
  const { serviceId } = await chain.createService(publisher, deployment, params);
  const { serviceId: otherService } = await chain.createService(publisher, deployment, params);
  await startProvider(market, owner, OPERATOR, [serviceId, otherService]);
  await placePermit2(market);
  await approvePermit2(market, payer);
  return { market, owner, payer, stranger, serviceId, otherService };
}

let here: Stage;
before(async () => {
  here = await start();
});
after(() => here.market.connection.close());

const balanceOf = (account: Address) =>
  readContract(here.market.publicClient, {
    address: here.market.deployment.mockUsd,
    abi: TOKEN_ABI,
    functionName: "balanceOf",
    args: [account],
  });
const claimOf = ({ account }: chain.WriteClient) =>
  chain.claimOf(here.market.publicClient, here.market.deployment, {
    token: here.market.deployment.mockUsd,
    account: account.address,
  });
const creditsOf = ({ account }: chain.WriteClient) =>
  chain.creditsOf(here.market.publicClient, here.market.deployment, {
    serviceId: here.serviceId,
    account: account.address,
  });

/** What the payer has left, as money or as a claim, and what the stranger has gained. */
async function holdings() {
  return {
    payer: (await balanceOf(here.payer.account.address)) + (await claimOf(here.payer)),
    credits: await creditsOf(here.payer),
    stranger:
      (await balanceOf(here.stranger.account.address)) +
      (await claimOf(here.stranger)) +
      (await creditsOf(here.stranger)),
  };
}

const purchase = (method: PaymentMethod, { market, payer, serviceId } = here) =>
  chain.signPurchase(payer, market.deployment, { method, serviceId, credits: 10n * CREDIT, maxCost: USD });

let nonce = 0n;
function sessionOrder(method: PaymentMethod) {
  const { market, owner, payer, serviceId } = here;
  const offer = makeOffer(serviceId, owner.account.address, { nonce: nonce++ });
  return chain.signSessionOrder(payer, market.deployment, {
    method,
    offer,
    operatorSig: signMessageOf(testKey(OPERATOR), escrowDomain(market.deployment), "Offer", offer),
    credits: 10n * CREDIT,
    sessionKey: privateKeyToAddress(testKey(7)),
    maxCost: USD,
  });
}

for (const method of RELAYED) {
  test(`a purchase signed by ${method} is made for the payer by whoever relays it`, async () => {
    const was = await holdings();
    const { cost, excess, credits } = await chain.submitPurchase(
      here.stranger,
      here.market.deployment,
      await purchase(method),
    );
    assert.equal(cost + excess, method === "authorization" ? USD : cost);
    assert.deepEqual(await holdings(), { ...was, payer: was.payer - cost, credits: was.credits + credits });
  });

  test(`a session ordered by ${method} is opened for the payer by whoever relays it`, async () => {
    const was = await holdings();
    const opened = await chain.submitSessionOrder(here.stranger, here.market.deployment, await sessionOrder(method));
    assert.equal(opened.params.buyer, here.payer.account.address);
    assert.equal(opened.params.value, opened.cost - opened.protocolFee - opened.royalty);
    assert.deepEqual(await holdings(), { ...was, payer: was.payer - opened.cost });
  });

  test(`a purchase signed by ${method} is worth nothing under any other intent`, async () => {
    const { market, stranger, otherService } = here;
    const { intent, payment } = await purchase(method);
    const was = await holdings();
    const changes: Partial<BuyIntent>[] = [
      { recipient: stranger.account.address },
      { serviceId: otherService },
      { credits: intent.credits + 1n },
      { maxCost: intent.maxCost + 1n },
      { deadline: intent.deadline + 1n },
      { nonce: intent.nonce ^ 1n },
    ];
    for (const change of changes) {
      const lifted = { intent: { ...intent, ...change }, payment };
      await refused("payment/refused", REFUSAL[method], chain.submitPurchase(stranger, market.deployment, lifted));
    }
    const inAnothersName = { intent, payment: { ...payment, payer: stranger.account.address } };
    await refused(
      "payment/refused",
      REFUSAL[method],
      chain.submitPurchase(stranger, market.deployment, inAnothersName),
    );
    assert.deepEqual(await holdings(), was);
  });

  test(`a session ordered by ${method} is worth nothing under any other order or offer`, async () => {
    const { market, stranger } = here;
    const order = await sessionOrder(method);
    const was = await holdings();
    const changes: Partial<SessionIntent>[] = [
      { sessionKey: stranger.account.address },
      { credits: order.intent.credits + 1n },
      { maxCost: order.intent.maxCost + 1n },
      { minValue: 0n },
      { deadline: order.intent.deadline + 1n },
      { nonce: order.intent.nonce ^ 1n },
    ];
    for (const change of changes) {
      const lifted = { ...order, intent: { ...order.intent, ...change } };
      await refused("payment/refused", REFUSAL[method], chain.submitSessionOrder(stranger, market.deployment, lifted));
    }
    // Another offer of the same provider, cheaper in bond: the digest under the signature is not its own.
    const offer = { ...order.offer, nonce: nonce++, bondPerCredit: CREDIT / 2n };
    const operatorSig = signMessageOf(testKey(OPERATOR), escrowDomain(market.deployment), "Offer", offer);
    const elsewhere = { ...order, offer, operatorSig };
    await refused("payment/refused", REFUSAL[method], chain.submitSessionOrder(stranger, market.deployment, elsewhere));
    assert.deepEqual(await holdings(), was);
  });

  test(`a purchase signed by ${method} happens once`, async () => {
    const { market, stranger } = here;
    const signed = await purchase(method);
    await chain.submitPurchase(stranger, market.deployment, signed);
    const was = await holdings();
    const again = chain.submitPurchase(stranger, market.deployment, signed);
    if (method === "permit2") await refused("payment/used", /InvalidNonce/, again);
    else await refused("payment/refused", REFUSAL[method], again);
    assert.deepEqual(await holdings(), was);
  });
}

test("a signed purchase is worth nothing on another chain, at the same addresses", async (t) => {
  const there = await start(31338);
  t.after(() => there.market.connection.close());
  for (const name of ["market", "escrow", "mockUsd"] as const) {
    assert.equal(there.market.deployment[name], here.market.deployment[name]);
  }
  for (const method of RELAYED) {
    const signed = await purchase(method);
    await refused(
      "payment/refused",
      REFUSAL[method],
      chain.submitPurchase(there.stranger, there.market.deployment, signed),
    );
    await chain.submitPurchase(there.stranger, there.market.deployment, await purchase(method, there));
  }
});

test("an allowance or a permit is spent by the payer alone", async () => {
  const { market, payer, stranger } = here;
  for (const method of ["allowance", "permit"] as const) {
    const was = await holdings();
    const signed = await purchase(method);
    const sent = chain.submitPurchase(stranger, market.deployment, signed);
    await refused("payment/foreign-payer", payer.account.address, sent);
    const opened = chain.submitSessionOrder(stranger, market.deployment, await sessionOrder(method));
    await refused("payment/foreign-payer", payer.account.address, opened);
    assert.deepEqual(await holdings(), was);
  }
});

test("a permit that someone else used first is no failure", async () => {
  const { market, payer, stranger } = here;
  const { deployment, publicClient } = market;
  const { intent, payment } = await purchase("permit");
  const { v, r, s } = parseSignature(payment.signature);
  await writeContract(stranger, {
    address: deployment.mockUsd,
    abi: TOKEN_ABI,
    functionName: "permit",
    args: [payer.account.address, deployment.market, intent.maxCost, intent.deadline, Number(v), r, s],
    chain: null,
  });
  const was = await holdings();
  const { cost } = await chain.submitPurchase(payer, deployment, { intent, payment });
  assert.deepEqual(await holdings(), { ...was, payer: was.payer - cost, credits: was.credits + intent.credits });
  const args = [payer.account.address, deployment.market] as const;
  const left = await readContract(publicClient, {
    address: deployment.mockUsd,
    abi: TOKEN_ABI,
    functionName: "allowance",
    args,
  });
  assert.equal(left, intent.maxCost - cost);
});

test("a token without permits and a chain without Permit2 are refused by name", async () => {
  const { market, payer, stranger } = here;
  const { deployment, testClient } = market;
  // Any contract may be listed as money; this one has neither permits nor authorisations.
  const { serviceId } = await chain.createService(payer, deployment, serviceParams(deployment.accessToken));
  const parameters = { serviceId, credits: CREDIT, maxCost: USD };
  for (const method of ["permit", "authorization"] as const) {
    const signed = chain.signPurchase(payer, deployment, { ...parameters, method });
    await refused("payment/method-unsupported", deployment.accessToken, signed);
  }
  const signed = await purchase("permit2");
  await testClient.setCode({ address: PERMIT2_ADDRESS, bytecode: "0x" });
  const sent = chain.submitPurchase(stranger, deployment, signed);
  await refused("payment/method-unsupported", PERMIT2_ADDRESS, sent);
});

test("all that the payer spent is in the market, and nothing of anybody else's", async () => {
  const left = await balanceOf(here.payer.account.address);
  assert.equal((await balanceOf(here.market.deployment.market)) + left, MONEY);
});
