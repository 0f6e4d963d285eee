// What goes wrong between a buyer and a provider, with real processes killed: nothing that was paid for is lost, nothing
// is charged twice, and either side gets out alone.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { claimOf, getProvider, getSession, startClosing } from "@demec/chain";
import { Node } from "@demec/network";
import { providerTopics } from "@demec/network/portable";
import { type Hex, settle } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import { type CallResult, nearestFirst, type PaidSession, type Service } from "@demec/sdk";
import { privateKeyToAddress } from "viem/accounts";
import type { BuyerReport, BuyerTask } from "./support/buyerProcess.ts";
import { compileShout } from "./support/functions.ts";
import { CREDIT, LocalMarket, type TestAccount, USD } from "./support/localMarket.ts";
import { openByHand } from "./support/openByHand.ts";
import { refused } from "./support/refused.ts";

let market: LocalMarket;
let shout: Uint8Array;

before(async () => {
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
});
after(() => market.stop());

const sum = (amounts: Iterable<bigint>) => [...amounts].reduce((total, amount) => total + amount, 0n);
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const statusOf = (sessionId: Hex) => getSession(market.client, market.deployment, sessionId);
const claim = (account: TestAccount) =>
  claimOf(market.client, market.deployment, { token: market.network.mockUsd, account: account.address });

async function buyerOf(
  name: string,
  options: Parameters<Awaited<ReturnType<LocalMarket["connect"]>>["service"]>[1] = {},
) {
  const account = await market.account({ usd: 100n * USD });
  const demec = await market.connect(account);
  return { account, demec, service: await demec.service(name, { budget: 10n * USD, ...options }) };
}

/** All calls, 16 at a time; tells of each that is done. */
async function callAll(service: Service, inputs: readonly string[], onDone: (done: number) => void) {
  const results = new Array<CallResult>(inputs.length);
  let next = 0;
  let done = 0;
  const lane = async () => {
    for (let index = next++; index < inputs.length; index = next++) {
      results[index] = await service.invoke(inputs[index]!);
      onDone(++done);
    }
  };
  await Promise.all(Array.from({ length: 16 }, lane));
  return results;
}

test("a provider is killed under load: every call is answered, the chain charges each once, and the buyer gets out alone", async () => {
  const name = await market.publish(shout);
  const near = await market.spawnProvider({ services: [name] });
  const far = await market.spawnProvider({ services: [name], region: "us-va-iad" });
  const { service } = await buyerOf(name, { region: "eu-de", select: nearestFirst });
  const inputs = Array.from({ length: 600 }, (_, i) => `call ${i}`);
  let killed: Promise<unknown> | undefined;
  const results = await callAll(service, inputs, (done) => {
    if (done === 200) killed = near.process.kill("SIGKILL");
  });
  await killed;
  assert.deepEqual(
    results.map(({ output }) => text(output)),
    inputs.map((input) => input.toUpperCase()),
  );

  // The buyer's own account, by the receipts it got: what a co-signed state covers is due, and nothing else.
  const bySession = new Map<PaidSession, CallResult[]>();
  for (const result of results) bySession.set(result.session, [...(bySession.get(result.session) ?? []), result]);
  const owners = [...bySession.keys()].map(({ params }) => params.provider);
  assert.deepEqual(owners, [near.owner.address, far.owner.address]);

  const first = await service.close();
  assert.deepEqual(first.map(({ type }) => type).sort(), ["closing", "settled"]);
  const closing = first.find(({ type }) => type === "closing") as Extract<(typeof first)[0], { type: "closing" }>;
  await market.passTime(3601);
  const second = await service.close();
  assert.ok(closing.deadline > 0n);
  const settlements = [...first, ...second].flatMap((progress) =>
    progress.type === "settled" ? [progress.settlement] : [],
  );
  assert.equal(settlements.length, 2);
  for (const [session, calls] of bySession) {
    const covered = calls.filter(({ callId }) => session.engine.receiptFor(callId) !== null);
    const settlement = settlements.find(({ sessionId }) => sessionId === session.sessionId)!;
    assert.equal(settlement.state.creditsUsed, sum(covered.map(({ credits }) => credits)));
    assert.equal(settlement.state.invocations, BigInt(covered.length));
    const due = settle({ ...session.params, ...settlement.state, collected: 0n });
    assert.deepEqual([settlement.providerAmount, settlement.buyerAmount], [due.providerAmount, due.buyerAmount]);
    if (session.params.provider === far.owner.address) assert.equal(covered.length, calls.length);
  }
  assert.deepEqual(await service.close(), []);
  await far.process.kill("SIGTERM");
});

test("both ends are killed and started again: the session goes on, with the same receipts, and is settled once", async () => {
  const name = await market.publish(shout);
  const first = await market.spawnProvider({ services: [name] });
  const account = await market.account({ usd: 100n * USD });
  const env = market.environment(account);
  const buy = (task: Omit<BuyerTask, "service">) =>
    market.spawn("test/support/buyerProcess.ts", [JSON.stringify({ ...task, service: name })], { env });

  const buyer = buy({ inputs: Array.from({ length: 20 }, (_, i) => `first ${i}`) });
  const before = await buyer.next<BuyerReport>("report");
  await Promise.all([buyer.kill("SIGKILL"), first.process.kill("SIGKILL")]);

  const again = await first.again();
  assert.equal(again.nodeKey, first.nodeKey);
  const later = buy({ inputs: ["second"], earlier: before.calls.map(({ callId }) => callId) });
  const report = await later.next<BuyerReport>("report");
  assert.equal(report.sessionId, before.sessionId);
  assert.deepEqual(
    report.earlier,
    before.calls.map(({ receipt }) => receipt),
  );
  assert.equal(report.calls[0]!.output, "SECOND");
  assert.ok(report.calls[0]!.callId > before.calls.at(-1)!.callId, "no call id is used twice");

  later.child.stdin.end();
  const [settled] =
    await later.next<[{ settlement: { state: { creditsUsed: string; invocations: string } } }]>("settlements");
  assert.equal(await later.end(), 0);
  const credits = sum([...before.calls, ...report.calls].map(({ credits }) => BigInt(credits)));
  assert.deepEqual([settled.settlement.state.creditsUsed, settled.settlement.state.invocations], [`${credits}`, "21"]);
  assert.equal(await again.process.kill("SIGTERM"), 0);
});

test("a buyer that goes silent: the provider closes by itself, at its newest state", async () => {
  const name = await market.publish(shout);
  const provider = await market.startProvider({ services: [name], policy: { idleCloseMs: 400 } });
  const { demec, service } = await buyerOf(name);
  const result = await service.invoke("last words");
  const { state } = (await result.session.prove(result.callId)).state;
  const { sessionId, params } = result.session;
  assert.equal((await statusOf(sessionId)).status, "open");
  await demec.close();
  await until("closing", async () => (await statusOf(sessionId)).status === "closing");
  assert.equal((await statusOf(sessionId)).seq, state.seq);
  await market.passTime(3601);
  await until("settled", async () => (await statusOf(sessionId)).status === "settled");
  assert.equal(await claim(provider.owner), settle({ ...params, ...state, collected: 0n }).providerAmount);
  await until("let go", () => provider.daemon.status().openSessions === 0);
  assert.deepEqual(provider.log.errors, []);
  await provider.daemon.stop();
});

test("a session that is opened and never attached gives the provider's bond back, and the buyer its money", async () => {
  const name = await market.publish(shout);
  const provider = await market.startProvider({ services: [name], policy: { idleCloseMs: 400 } });
  const { account, service } = await buyerOf(name);
  const { serviceId } = service.terms;
  await service.buy(5n * CREDIT, USD);
  const { sessionId, params } = await openByHand(market, {
    ...{ nodeKey: provider.daemon.nodeKey, buyer: account, serviceId, credits: 5n * CREDIT },
    sessionKey: privateKeyToAddress(`0x${"0b".repeat(32)}`),
  });
  const bonded = async () => (await getProvider(market.client, market.deployment, provider.owner.address)).bonded;
  assert.equal(await bonded(), 5n * CREDIT);
  await until("closing", async () => (await statusOf(sessionId)).status === "closing");
  await market.passTime(3601);
  await until("settled", async () => (await statusOf(sessionId)).status === "settled");
  assert.equal(await bonded(), 0n);
  assert.equal(await claim(account), params.value);
  await provider.daemon.stop();
});

test("a buyer that starts to close with an old state is answered with the newest one", async () => {
  const name = await market.publish(shout);
  const provider = await market.startProvider({ services: [name] });
  const { account, service } = await buyerOf(name);
  const first = await service.invoke("one");
  const old = (await first.session.prove(first.callId)).state;
  const last = await service.invoke("two");
  const { state: newest } = await last.session.prove(last.callId);
  const { sessionId, params } = first.session;
  await startClosing(market.wallet(account), market.deployment, { params, signed: old });
  await until("challenged", async () => (await statusOf(sessionId)).seq === newest.state.seq);
  // It is being closed: nothing more is done in it, the caller is served in another.
  const third = await service.invoke("three");
  assert.equal(text(third.output), "THREE");
  assert.notEqual(third.session.sessionId, sessionId);
  await market.passTime(3601);
  await until("settled", async () => (await statusOf(sessionId)).status === "settled");
  const due = settle({ ...params, ...newest.state, collected: 0n });
  assert.equal(await claim(provider.owner), due.providerAmount);
  assert.equal(await claim(account), due.buyerAmount);
  const progress = await service.close();
  assert.deepEqual(
    progress.map(({ type }) => type),
    ["settled", "settled"],
  );
  await provider.daemon.stop();
});

test("announced liars and dead providers are passed over; with nobody there, nothing is bought", async (t) => {
  const name = await market.publish(shout);
  const dead = await market.startProvider({ services: [name] });
  await dead.daemon.stop();
  const liar = await Node.create(market.nodeOptions);
  t.after(() => liar.close());
  await liar.listen({ onConnection: () => {} });
  for (const topic of providerTopics(name, "eu-de-fra")) await liar.announce(topic);
  const { service } = await buyerOf(name, { region: "eu-de-fra" });

  const books = await market.books();
  await refused("sdk/no-provider", "1 providers may sell it", service.call("anybody?"));
  assert.deepEqual(await market.books(), books);

  const alive = await market.startProvider({ services: [name], region: "us-va-iad" });
  assert.equal(text(await service.call("anybody?")), "ANYBODY?");
  await service.close();
  await alive.daemon.stop();
});

test("two services of one wallet buy and open at the same time, within their budgets, and no allowance is left", async () => {
  const names = [await market.publish(shout), await market.publish(shout)];
  const provider = await market.startProvider({ services: names });
  const account = await market.account({ usd: 100n * USD });
  const demec = await market.connect(account);
  const services = await Promise.all(names.map((name) => demec.service(name, { budget: 50_000n })));
  const outputs = await Promise.all(services.flatMap((service) => [service.call("a"), service.call("b")]));
  assert.deepEqual(outputs.map(text), ["A", "B", "A", "B"]);
  const progress = await Promise.all(services.map((service) => service.close()));
  assert.deepEqual(
    progress.flat().map(({ type }) => type),
    ["settled", "settled"],
  );
  const books = await market.books();
  for (const [entry, amount] of Object.entries(books)) if (entry.includes("allowance")) assert.equal(amount, 0n, entry);
  // The budget is for the service's life, not for each purchase.
  const [service] = services;
  let sessions = 0;
  const spend = async () => {
    for (; sessions < 100; sessions++) {
      await service!.call("more");
      await service!.close();
    }
  };
  await assert.rejects(spend(), { code: "sdk/over-budget" });
  assert.equal(sessions, 3, "four sessions of a credit each at 0.0103 USD");
  await provider.daemon.stop();
});
