// A buyer whose node lies to it: with a light client it pays nothing, and calls as ever where the node is honest.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { listUnsettledSessions } from "@demec/chain";
import { until } from "@demec/protocol/testing";
import { compileShout } from "./support/functions.ts";
import { CREDIT, LocalMarket, type SpawnedProvider, USD } from "./support/localMarket.ts";
import type { LieName } from "./support/lyingRpc.ts";
import { refusedWith } from "./support/refused.ts";
import { runCli } from "./support/runCli.ts";

let market: LocalMarket;
let name: string;
let liars: string;
let provider: SpawnedProvider;
before(async () => {
  let shout: Uint8Array;
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  name = await market.publish(shout);
  provider = await market.spawnProvider({ services: [name] });
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

test("the command proves a provider, a service and a session, and says what it could not", async () => {
  const { rpcUrl } = market.network;
  const env = market.environment(await market.account());
  // The account's coin is a gift of the development node, in no block: the next one has it.
  await market.passTime(1);
  const verify = async (what: string, id: string, node = `${rpcUrl}/?b`) => {
    const args = ["verify", what, id, "--node", node, "--depth", "0", "--json"];
    const { code, stdout, stderr } = await runCli(args, env);
    return { code, ...JSON.parse(code === 0 ? stdout.toString() : stderr) };
  };
  const proved = await verify("provider", provider.owner.address);
  assert.partialDeepStrictEqual(proved, { code: 0, value: { nodeKey: provider.nodeKey, active: true } });
  assert.ok(proved.verified.length > 0 && proved.unverified.length > 0);
  assert.equal((await verify("service", name)).value.serviceId, "1");
  const { demec } = await buyerBehind("none", { light: false });
  const { sessionId } = (await (await demec.service(name, limits)).invoke("hello")).session;
  assert.equal((await verify("session", sessionId)).value.status, "open");
  assert.equal((await verify("provider", provider.owner.address, `${liars}/header`)).code, "light/no-quorum");
});

test("without a quorum nothing is paid", async () => {
  const account = await market.account({ usd: 100n * USD });
  const { rpcUrl } = market.network;
  const demec = await market.connect(account, { light: { nodes: [`${liars}/header`, rpcUrl], depth: 0 } });
  const before = await market.books();
  await refusedWith("light/no-quorum", demec.service(name, limits));
  assert.deepEqual(await market.books(), before);
});

test("a buyer that lets go while its session is not proved yet pays no second provider", async () => {
  await market.spawnProvider({ services: [name], region: "us-va-iad" });
  const { client, deployment, network } = market;
  const account = await market.account({ usd: 100n * USD });
  const nodes = [`${network.rpcUrl}/?a`, `${network.rpcUrl}/?b`];
  // The newest block is not seen, and this chain has no newer one until somebody wants something.
  const demec = await market.connect(account, { light: { nodes, depth: 1 } });
  await market.passTime(1);
  const service = await demec.service(name, limits);
  const sessions = () => listUnsettledSessions(client, deployment, { buyer: account.address });
  const calling = refusedWith("sdk/session-released", service.call("hello"));
  await until("its session is open", async () => (await sessions()).length > 0);
  await demec.release();
  await calling;
  assert.equal((await sessions()).length, 1);
});
