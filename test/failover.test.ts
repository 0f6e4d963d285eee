// A warm pair of providers under load, one of them killed or stalled: no call is lost, none is charged twice by an account
// that this test keeps, and what the lost one was due is settled when it comes back.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { getSession, listUnsettledSessions, type SettlementProgress } from "@demec/chain";
import { type Hex, settle } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import type { CallResult, PaidSession, Service } from "@demec/sdk";
import { compileShout } from "./support/functions.ts";
import { CREDIT, LocalMarket, type SpawnedProvider, USD } from "./support/localMarket.ts";

let market: LocalMarket;
let shout: Uint8Array;

before(async () => {
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
});
after(() => market.stop());

const LANES = 16;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Two providers of a new service in processes of their own, and a buyer with a session at each. */
async function warmPair() {
  const name = await market.publish(shout);
  const providers: SpawnedProvider[] = [];
  for (const region of ["eu-de-fra", "us-va-iad"]) {
    providers.push(await market.spawnProvider({ services: [name], region }));
  }
  const demec = await market.connect(await market.account({ usd: 100n * USD }));
  const options = { budget: 10n * USD, region: "eu-de", warm: 2, sessionCredits: 2n * CREDIT };
  const service = await demec.service(name, options);
  await service.warmUp();
  return { service, providers };
}

/** Calls, a number at a time, until it is told to stop; every result is kept. */
function load(service: Service) {
  const results: CallResult[] = [];
  let going = true;
  let calls = 0;
  const lane = async () => {
    while (going) {
      const input = `call ${calls++}`;
      const result = await service.invoke(input);
      assert.equal(text(result.output), input.toUpperCase());
      results.push(result);
    }
  };
  const lanes = Promise.all(Array.from({ length: LANES }, lane));
  return {
    results,
    /** Resolves when `count` more calls have been answered by a provider other than `than`. */
    async others(than: Hex, count: number) {
      const from = results.length;
      const others = () => results.slice(from).filter(({ session }) => session.nodeKey !== than);
      await Promise.race([lanes, until("answers of another provider", () => others().length >= count)]);
    },
    async stop() {
      going = false;
      await lanes;
      return calls;
    },
  };
}

/** The session that calls go to at the moment, and its provider. */
async function serving(service: Service, providers: readonly SpawnedProvider[]) {
  const session = await service.session();
  return { session, provider: providers.find(({ nodeKey }) => nodeKey === session.nodeKey)! };
}

/** Checks what was settled against the results that the callers got: what a state covers is due, and nothing else. */
async function assertBooks(results: readonly CallResult[], progress: readonly SettlementProgress[]) {
  const bySession = new Map<PaidSession, CallResult[]>();
  for (const result of results) bySession.set(result.session, [...(bySession.get(result.session) ?? []), result]);
  for (const [session, calls] of bySession) {
    assert.equal(new Set(calls.map(({ callId }) => callId)).size, calls.length, "one result a call");
    const covered = calls.filter(({ callId }) => session.engine.receiptFor(callId) !== null);
    const settled = progress.find((end) => end.type === "settled" && end.settlement.sessionId === session.sessionId);
    assert.ok(settled?.type === "settled", `session ${session.sessionId} is settled`);
    const { state, providerAmount, buyerAmount } = settled.settlement;
    assert.equal(
      state.creditsUsed,
      covered.reduce((sum, { credits }) => sum + credits, 0n),
    );
    assert.equal(state.invocations, BigInt(covered.length));
    const due = settle({ ...session.params, ...state, collected: 0n });
    assert.deepEqual([providerAmount, buyerAmount], [due.providerAmount, due.buyerAmount]);
    assert.equal((await getSession(market.client, market.deployment, session.sessionId)).status, "settled");
  }
  return bySession.size;
}

test("either provider of a warm pair is killed in turn: every call is answered, none charged twice, both sessions settle finally", async () => {
  const { service, providers } = await warmPair();
  const { results, others, stop } = load(service);
  await until("some answers", () => results.length >= 100);
  for (let round = 0; round < 2; round++) {
    const { session, provider } = await serving(service, providers);
    await provider.process.kill("SIGKILL");
    await others(provider.nodeKey, 100);
    providers[providers.indexOf(provider)] = await provider.again();
    await until("the session is taken up again", () => session.ready);
  }
  const calls = await stop();
  assert.equal(results.length, calls);
  assert.equal(await assertBooks(results, await service.close()), 2, "the two sessions were enough");
  assert.deepEqual(await service.close(), []);
  await Promise.all(providers.map(({ process }) => process.kill("SIGTERM")));
});

test("a provider that stalls is not waited for and loses nobody's money: calls move on, its session stays good", async () => {
  const { service, providers } = await warmPair();
  const { results, others, stop } = load(service);
  await until("some answers", () => results.length >= 100);
  const { session, provider } = await serving(service, providers);
  provider.process.child.kill("SIGSTOP");
  const stalledMs = performance.now();
  await others(provider.nodeKey, 1);
  assert.ok(performance.now() - stalledMs < 1_400, "before it could be given up");
  provider.process.child.kill("SIGCONT");
  await others(provider.nodeKey, 200);
  await until("it is heard again", () => session.ready);
  const calls = await stop();
  assert.equal(results.length, calls);
  assert.equal(session.lost, null);
  assert.equal(await assertBooks(results, await service.close()), 2);
  await Promise.all(providers.map(({ process }) => process.kill("SIGTERM")));
});

test("a replaced provider that comes back is closed with its final state, without anybody asking", async () => {
  const { service, providers } = await warmPair();
  const third = await market.spawnProvider({ services: [service.name], region: "eu-fr-par" });
  const results = await Promise.all(Array.from({ length: 20 }, (_, i) => service.invoke(`call ${i}`)));
  await Promise.all(results.map(({ session, callId }) => session.prove(callId)));
  const first = await serving(service, providers);
  await first.provider.process.kill("SIGKILL");
  await until("replaced", async () => {
    const { address: provider } = third.owner;
    return (await listUnsettledSessions(market.client, market.deployment, { provider })).length === 1;
  });
  const back = await first.provider.again();
  const { sessionId } = first.session;
  await until(
    "settled",
    async () => (await getSession(market.client, market.deployment, sessionId)).status === "settled",
  );
  await assertBooks(results, await service.close());
  await Promise.all([back, third, ...providers].map(({ process }) => process.kill("SIGTERM")));
});
