// Buyers that are away, and a provider that closes with an old state: a watchtower brings the newest one, over its own
// death, a chain that can't be reached, and a reorganisation.
import assert from "node:assert/strict";
import { after, before, type TestContext, test } from "node:test";
import { claimOf, getSession, startClosing } from "@demec/chain";
import { type Hex, type SignedState, settle, signMessageOf } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import type { PaidSession, WatchtowerPolicy } from "@demec/sdk";
import { startWatchtower } from "@demec/sdk/node";
import { createTestClient, http } from "viem";
import { privateKeyToAddress } from "viem/accounts";
import { BuyerPeer } from "./support/buyerPeer.ts";
import { compileShout } from "./support/functions.ts";
import { Line } from "./support/line.ts";
import { CREDIT, LocalMarket, type SpawnedProvider, type TestAccount, USD } from "./support/localMarket.ts";
import { openByHand } from "./support/openByHand.ts";
import { refused } from "./support/refused.ts";

const SESSION_KEY: Hex = `0x${"0b".repeat(32)}`;
const ROOT: Hex = `0x${"77".repeat(32)}`;

let market: LocalMarket;
let name: string;

before(async () => {
  const [started, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  market = started;
  // Each breach costs the provider its share of all that it earned: a state from before one is worth more to it.
  name = await market.publish(shout, {
    tariff: { a: 10n ** 9n, b: 0n, c: 5n * 10n ** 16n, d: 0n, e: 0n, f: 0n },
    sla: { maxLatencyMs: 0, toleranceBps: 0, rebateBps: 10_000, bondPenaltyBps: 0 },
  });
});
after(() => market.stop());

const statusOf = (sessionId: Hex) => getSession(market.client, market.deployment, sessionId);
const claim = ({ address: account }: TestAccount) =>
  claimOf(market.client, market.deployment, { token: market.network.mockUsd, account });

async function spawnTower(rpcUrl = market.network.rpcUrl) {
  const account = await market.account();
  const env = { ...market.environment(account), DEMEC_RPC: rpcUrl };
  const spawn = async (args: readonly string[] = []) => {
    const tower = market.cli(["watchtower", ...args], env);
    const { nodeKey } = (await tower.nextObject()) as { nodeKey: Hex };
    return { tower, nodeKey };
  };
  return { spawn, account };
}

async function startTower(t: TestContext, policy: Partial<WatchtowerPolicy>) {
  const tower = await startWatchtower({
    ...{ account: await market.account(), rpcUrl: market.network.rpcUrl, deployment: market.deployment },
    ...{ dataDir: market.newFolder(), network: market.nodeOptions, onEvent: () => {} },
    policy: { reviewMs: 200, ...policy },
  });
  t.after(() => tower.close());
  return tower;
}

interface Trade {
  readonly provider: SpawnedProvider;
  readonly buyer: TestAccount;
  readonly session: PaidSession;
  /** From before the breach: better for the provider. */
  readonly old: SignedState;
  readonly newest: SignedState;
}

/** A session with one breach, after which its buyer leaves: the test's own account of it, and what the chain owes by that. */
async function tradeAndLeave(watchtower: Hex): Promise<Trade & { readonly due: ReturnType<typeof settle> }> {
  const provider = await market.spawnProvider({ services: [name] });
  const buyer = await market.account({ usd: 100n * USD });
  const demec = await market.connect(buyer, { watchtowers: [watchtower] });
  const service = await demec.service(name, { budget: 10n * USD, sessionCredits: 10n * CREDIT });
  const first = await service.invoke("a".repeat(100_000));
  const { session } = first;
  const old = (await session.prove(first.callId)).state;
  await assert.rejects(service.invoke("spin", { deadlineMs: 300, limits: { bitOps: 10n ** 12n } }), {
    code: "sdk/call-fault",
  });
  const last = await service.invoke("last");
  assert.equal(last.session, session);
  const newest = (await session.prove(last.callId)).state;
  await demec.handOver();
  await demec.close();
  // From now on it does nothing by itself: what it would do is done with its key.
  await provider.process.kill("SIGKILL");
  const creditsUsed = first.credits + last.credits;
  const due = settle({ ...session.params, creditsUsed, invocations: 3n, breaches: 1n, collected: 0n });
  const wished = settle({ ...session.params, ...old.state, collected: 0n });
  assert.ok(due.buyerAmount > wished.buyerAmount, "the old state pays the provider more");
  return { provider, buyer, session, old, newest, due };
}

const closeWithOld = ({ provider, session, old }: Trade) =>
  startClosing(market.wallet(provider.operator), market.deployment, { params: session.params, signed: old });

test("a watchtower takes only what both sides signed, from whoever holds the session key, and never goes back", async (t) => {
  const provider = await market.startProvider({ services: [name] });
  const buyer = await market.account({ usd: 100n * USD });
  const service = await (await market.connect(buyer)).service(name);
  await service.buy(CREDIT, USD);
  const { sessionId } = await openByHand(market, {
    ...{ nodeKey: provider.daemon.nodeKey, buyer, serviceId: service.terms.serviceId, credits: CREDIT },
    sessionKey: privateKeyToAddress(SESSION_KEY),
  });
  const tower = await startTower(t, { buyers: [buyer.address] });
  const domain = { chainId: market.deployment.chainId, verifyingContract: market.deployment.escrow };
  const state = (seq: bigint): SignedState => {
    const body = {
      sessionId,
      seq,
      creditsUsed: seq,
      invocations: seq,
      breaches: 0n,
      receiptsRoot: ROOT,
      isFinal: false,
    };
    return {
      state: body,
      operatorSig: signMessageOf(provider.operator.privateKey, domain, "SessionState", body),
      sessionKeySig: signMessageOf(SESSION_KEY, domain, "SessionState", body),
    };
  };
  await BuyerPeer.with(market.nodeOptions, tower.nodeKey, async (peer) => {
    let handle = 0;
    const leave = async (full: SignedState | null, key = SESSION_KEY) => {
      const answer = await peer.attach(++handle, sessionId, peer.attachment(key, domain, sessionId), {
        full,
        half: null,
      });
      return typeof answer === "string" ? answer : answer.full!.state.seq;
    };
    assert.equal(await leave(null), "watchtower/no-state");
    assert.equal(await leave(state(2n), buyer.privateKey), "protocol/bad-signature");
    assert.equal(await leave({ ...state(2n), operatorSig: state(3n).operatorSig }), "protocol/bad-signature");
    assert.equal(await leave({ ...state(2n), sessionKeySig: null }), "protocol/bad-signature");
    assert.equal(tower.size, 0);
    assert.equal(await leave(state(2n)), 2n);
    assert.equal(await leave(state(1n)), 2n, "it shows what it holds");
    assert.equal(await leave(state(3n)), 3n);
    assert.equal(await leave({ ...state(4n), operatorSig: state(3n).operatorSig }), "protocol/bad-signature");
    assert.equal(await leave(state(3n)), 3n);
    assert.equal(tower.size, 1);
  });
  await provider.daemon.stop();
});

test("a watchtower watches for its buyers alone, for each as many sessions as it has room for", async (t) => {
  const provider = await market.startProvider({ services: [name] });
  const [buyer, stranger] = [await market.account({ usd: 100n * USD }), await market.account({ usd: 100n * USD })];
  const tower = await startTower(t, { buyers: [buyer.address], maxSessionsPerBuyer: 1 });
  const trade = async (account: TestAccount) => {
    const demec = await market.connect(account, { watchtowers: [tower.nodeKey] });
    const service = await demec.service(name, { budget: 10n * USD });
    const { session, callId } = await service.invoke("once");
    await session.prove(callId);
    return { demec, service, session };
  };
  const first = await trade(buyer);
  await first.demec.handOver();
  const second = await trade(buyer);
  await refused("sdk/not-handed-over", second.session.sessionId, second.demec.handOver());
  const foreign = await trade(stranger);
  await refused("sdk/not-handed-over", foreign.session.sessionId, foreign.demec.handOver());
  assert.equal(tower.size, 1);
  await first.service.close();
  await first.demec.handOver();
  await provider.daemon.stop();
});

test("a provider closes with an old state while its buyer is away: the watchtower, killed in between, brings the newest one", async () => {
  const { spawn } = await spawnTower();
  const { tower, nodeKey } = await spawn();
  const trade = await tradeAndLeave(nodeKey);
  const { session, newest, due, buyer, provider } = trade;
  await tower.kill("SIGKILL");
  await closeWithOld(trade);
  assert.equal((await statusOf(session.sessionId)).seq, trade.old.state.seq);

  const again = await spawn();
  assert.equal(again.nodeKey, nodeKey);
  await until("challenged", async () => (await statusOf(session.sessionId)).seq === newest.state.seq);
  await market.passTime(3601);
  await until("settled", async () => (await statusOf(session.sessionId)).status === "settled");
  assert.deepEqual([await claim(buyer), await claim(provider.owner)], [due.buyerAmount, due.providerAmount]);
  assert.equal(await again.tower.kill("SIGTERM"), 0);
});

test("a watchtower that can't reach the chain for a while, and whose challenge a reorganisation takes back, still ends at the newest state", async (t) => {
  const line = await Line.to(Number(new URL(market.network.rpcUrl).port));
  t.after(() => line.close());
  const { spawn } = await spawnTower(`http://127.0.0.1:${line.port}`);
  const { tower, nodeKey } = await spawn();
  const trade = await tradeAndLeave(nodeKey);
  const { session, newest, old, due, buyer } = trade;
  line.takeDown();
  await closeWithOld(trade);
  const chain = createTestClient({ mode: "hardhat", transport: http(market.network.rpcUrl) });
  const beforeChallenge = await chain.snapshot();
  line.mend();
  const isChallenged = async () => (await statusOf(session.sessionId)).seq === newest.state.seq;
  await until("challenged", isChallenged);
  await chain.revert({ id: beforeChallenge });
  assert.equal((await statusOf(session.sessionId)).seq, old.state.seq);
  await until("challenged again", isChallenged);
  await market.passTime(3601);
  await until("settled", async () => (await statusOf(session.sessionId)).status === "settled");
  assert.equal(await claim(buyer), due.buyerAmount);
  await tower.kill("SIGTERM");
});
