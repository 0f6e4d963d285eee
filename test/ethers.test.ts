// An ethers v6 dApp on the local chain: what it signs and sends, what it is told, and a call that it pays for.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { approveExact, buyCredits, creditsOf, quoteBuy, signPurchase, submitPurchase } from "@demec/chain";
import { contractsAt, fromProvider, fromSigner } from "@demec/chain/ethers";
import { isDemecError } from "@demec/protocol";
import { JsonRpcProvider, VoidSigner, Wallet } from "ethers";
import { compileShout } from "./support/functions.ts";
import { CREDIT, LocalMarket, type TestAccount, USD } from "./support/localMarket.ts";

let market: LocalMarket;
let provider: JsonRpcProvider;
let service: string;
let serviceId: bigint;
let account: TestAccount;
let signer: Wallet;
before(async () => {
  let shout: Uint8Array;
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  provider = new JsonRpcProvider(market.network.rpcUrl, undefined, { staticNetwork: true, cacheTimeout: -1 });
  service = await market.publish(shout);
  serviceId = BigInt(service.split("/").at(-1)!);
  account = await market.account({ usd: 10n * USD });
  signer = new Wallet(account.privateKey, provider);
});
after(async () => {
  provider?.destroy();
  await market?.stop();
});

test("a signer buys by the same actions, and TypeChain's contracts see the same market", async () => {
  const { deployment } = market;
  const [client, wallet] = [fromProvider(provider), await fromSigner(signer)];
  assert.equal(wallet.account.address, account.address);
  const { cost } = await quoteBuy(client, deployment, { serviceId, credits: CREDIT });
  const contracts = contractsAt(deployment, provider);
  const quoted: readonly bigint[] = await contracts.market.quoteBuy(serviceId, CREDIT);
  assert.equal(quoted[0], cost);

  await approveExact(wallet, deployment, { token: market.network.mockUsd, spender: deployment.market, amount: cost });
  const bought = await buyCredits(wallet, deployment, { serviceId, credits: CREDIT, maxCost: cost });
  assert.deepEqual([bought.credits, bought.cost], [CREDIT, cost]);
  assert.equal(await contracts.accessToken.balanceOf(signer, serviceId), CREDIT);
  assert.equal(await creditsOf(client, deployment, { serviceId, account: account.address }), CREDIT);
});

test("typed data that a signer signs is what the contracts accept", async () => {
  const wallet = await fromSigner(signer);
  const { deployment } = market;
  const { cost } = await quoteBuy(wallet, deployment, { serviceId, credits: CREDIT });
  const purchase = await signPurchase(wallet, deployment, {
    serviceId,
    credits: CREDIT,
    maxCost: cost,
    method: "permit",
  });
  assert.equal((await submitPurchase(wallet, deployment, purchase)).cost, cost);
});

test("what the contracts refuse is told by its code, not by ethers' wrapping of it", async () => {
  const wallet = await fromSigner(signer);
  await assert.rejects(buyCredits(wallet, market.deployment, { serviceId, credits: CREDIT, maxCost: 1n }), (error) =>
    isDemecError(error, "chain/slippage"),
  );
});

test("a signer that no JSON-RPC provider is behind is refused before anything is asked of it", async () => {
  await assert.rejects(fromSigner(new VoidSigner(account.address)), (error) => isDemecError(error, "chain/bad-signer"));
});

test("a client whose wallet is an ethers signer buys, calls and settles", async () => {
  await market.startProvider({ services: [service] });
  const demec = await market.connect(account, { account: await fromSigner(signer) });
  const shout = await demec.service(service, { budget: USD });
  assert.equal(new TextDecoder().decode(await shout.call("hello from ethers")), "HELLO FROM ETHERS");
  const [settled] = await shout.close();
  assert.ok(settled);
});
