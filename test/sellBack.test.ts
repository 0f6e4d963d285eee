// Leaving a service for money: sessions are settled, credits sold, claims withdrawn, wherever an earlier try ended.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { claimOf, creditsOf, sellCredits, supplyAtPrice } from "@demec/chain";
import { erc20Abi } from "viem";
import { readContract } from "viem/actions";
import { compileShout } from "./support/functions.ts";
import { CREDIT, CURVE, LocalMarket, type TestAccount, USD } from "./support/localMarket.ts";
import { runCli } from "./support/runCli.ts";

let market: LocalMarket;
let service: string;
let token: `0x${string}`;
before(async () => {
  let shout: Uint8Array;
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  token = market.network.mockUsd;
  // Without a royalty, what was bought and not used comes back to the unit.
  service = await market.publish(shout, { royaltyBps: 0 });
  await market.startProvider({ services: [service] });
});
after(() => market?.stop());

const serviceId = () => BigInt(service.split("/").at(-1)!);
const credits = ({ address }: TestAccount) =>
  creditsOf(market.client, market.deployment, { serviceId: serviceId(), account: address });
const claim = ({ address }: TestAccount) => claimOf(market.client, market.deployment, { token, account: address });
const money = ({ address }: TestAccount) =>
  readContract(market.client, { address: token, abi: erc20Abi, functionName: "balanceOf", args: [address] });

async function holder(bought: bigint) {
  const account = await market.account({ usd: 100n * USD });
  const demec = await market.connect(account);
  const held = await demec.service(service, { budget: USD });
  await held.buy(bought, 50n * USD);
  return { account, demec, held };
}

test("what is left of a service is money again: sessions settled, credits sold, claims withdrawn", async () => {
  const { account, held } = await holder(5n * CREDIT);
  await held.call("paid");
  const { sessions, sale, withdrawn } = await held.close({ sellBack: true });
  const [settled] = sessions;
  assert.ok(settled?.type === "settled");
  assert.equal(sale?.credits, 4n * CREDIT);
  assert.equal(withdrawn, sale.proceeds + settled.settlement.buyerAmount);
  assert.deepEqual([await credits(account), await claim(account)], [0n, 0n]);
  const again = await held.close({ sellBack: true });
  assert.deepEqual([again.sessions, again.sale, again.withdrawn], [[], null, 0n]);
});

test("a process that ended between settlement, sale and withdrawal loses nothing: the next one goes on", async () => {
  const { account, demec, held } = await holder(5n * CREDIT);
  const before = await money(account);
  await held.call("paid");
  const [settled] = await held.close();
  assert.ok(settled?.type === "settled");
  await demec.close();
  assert.deepEqual([await credits(account), await claim(account)], [4n * CREDIT, settled.settlement.buyerAmount]);

  const wallet = market.wallet(account);
  const { proceeds } = await sellCredits(wallet, market.deployment, {
    ...{ serviceId: serviceId(), credits: CREDIT, minProceeds: 0n },
    keepAsClaim: true,
  });
  const next = await market.connect(account);
  const left = await next.service(service);
  const closings = await next.close({ sellBack: true });
  const { sale, withdrawn, sessions } = closings.get(left)!;
  assert.deepEqual([sale?.credits, sessions], [3n * CREDIT, []]);
  assert.equal(withdrawn, proceeds + sale!.proceeds + settled.settlement.buyerAmount);
  assert.equal(await money(account), before + withdrawn);
  assert.deepEqual([await credits(account), await claim(account)], [0n, 0n]);
});

test("no credit is sold for less than the least price: those that would be are kept", async () => {
  const { account, held } = await holder(600n * CREDIT);
  const minPriceWad = 2n * CURVE.y0;
  const { sale } = await held.close({ sellBack: { minPriceWad } });
  const kept = await credits(account);
  assert.ok(sale !== null && kept > 0n);
  assert.equal(sale.credits, 600n * CREDIT - kept);
  // Nobody else holds any: the supply went down to where the curve crosses that price.
  const crossing = { serviceId: serviceId(), priceWad: minPriceWad };
  assert.equal(kept, await supplyAtPrice(market.client, market.deployment, crossing));
  assert.ok(sale.proceeds * CREDIT * CREDIT >= minPriceWad * sale.credits);
  for (const unmet of [minPriceWad, 2n * CURVE.y3]) {
    const nothing = await held.close({ sellBack: { minPriceWad: unmet } });
    assert.deepEqual([nothing.sale, nothing.withdrawn], [null, 0n]);
  }
  const { sale: rest } = await held.close({ sellBack: true });
  assert.equal(rest?.credits, kept);
});

test("demec session close --sell-back finds what is held by itself, and keeps to --min-price", async () => {
  const { account } = await holder(5n * CREDIT);
  const env = market.environment(account);
  const close = (...args: string[]) => runCli(["session", "close", ...args, "--json"], env);
  const priceless = await close("--min-price", "1");
  assert.deepEqual([priceless.code, JSON.parse(priceless.stderr).code], [1, "cli/bad-option"]);
  const dear = await close("--sell-back", "--min-price", "1");
  assert.deepEqual(JSON.parse(dear.stdout.toString()).sales, [{ service, sale: null, withdrawn: "0" }], dear.stderr);
  const sold = JSON.parse((await close("--sell-back", "--min-price", "0.01")).stdout.toString());
  assert.equal(sold.sales[0].sale.credits, String(5n * CREDIT));
  assert.equal(await credits(account), 0n);
});
