// A buyer whose node lies to it: with a light client it pays nothing, and calls as ever where the node is honest.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { compileShout } from "./support/functions.ts";
import { CREDIT, LocalMarket, USD } from "./support/localMarket.ts";
import type { LieName } from "./support/lyingRpc.ts";
import { refusedWith } from "./support/refused.ts";

let market: LocalMarket;
let name: string;
let liars: string;
before(async () => {
  let shout: Uint8Array;
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  name = await market.publish(shout);
  await market.spawnProvider({ services: [name] });
  const { rpcUrl } = market.network;
  const process = market.spawn("test/support/lyingRpc.ts", [rpcUrl, rpcUrl]);
  liars = ((await process.nextObject()) as { rpcUrl: string }).rpcUrl;
});
after(() => market.stop());

/** A buyer whose node tells a lie, or none, and who asks two others for proof. */
async function buyerBehind(lie: LieName | "none", options: { readonly light: boolean }) {
  const account = await market.account({ usd: 100n * USD });
  const { rpcUrl } = market.network;
  const nodes = [`${rpcUrl}/?a`, `${rpcUrl}/?b`];
  const demec = await market.connect(account, {
    rpcUrl: lie === "none" ? rpcUrl : `${liars}/${lie}`,
    ...(options.light && { light: { nodes, depth: 0 } }),
  });
  return { demec, account };
}

const textOf = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const limits = { budget: 10n * USD, sessionCredits: CREDIT };

test("with an honest node, a buyer that wants proof is served like any other", async () => {
  const { demec } = await buyerBehind("none", { light: true });
  const service = await demec.service(name, limits);
  assert.equal(textOf(await service.call("hello")), "HELLO");
});

test("a node that lies about a provider's stake costs a buyer nothing who wants proof, and is believed by others", async () => {
  const believer = await buyerBehind("stake", { light: false });
  const believed = await believer.demec.service(name, limits);
  assert.equal(textOf(await believed.call("hello")), "HELLO");

  const { demec, account } = await buyerBehind("stake", { light: true });
  const before = await market.books();
  const service = await demec.service(name, limits);
  await refusedWith("light/false-provider", service.call("hello"));
  assert.deepEqual(await market.books(), before, account.address);
});

test("a node that lies about a service's code is caught before anything is bought", async () => {
  const { demec } = await buyerBehind("service", { light: true });
  await refusedWith("light/false-service", demec.service(name, limits));
});

test("without a quorum nothing is paid", async () => {
  const account = await market.account({ usd: 100n * USD });
  const { rpcUrl } = market.network;
  const demec = await market.connect(account, { light: { nodes: [`${liars}/header`, rpcUrl], depth: 0 } });
  const before = await market.books();
  await refusedWith("light/no-quorum", demec.service(name, limits));
  assert.deepEqual(await market.books(), before);
});
