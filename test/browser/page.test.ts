// A page buys and calls: over a network that fails, through sleep, reloads and crashes. Chain, DHT and provider are processes.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { until } from "@demec/protocol/testing";
import { Chromium, type CodeInBrowser, skipChromium as skip } from "../support/chromium.ts";
import { compileShout } from "../support/functions.ts";
import { freePort, Line } from "../support/line.ts";
import { CREDIT, LocalMarket, type SpawnedProvider, USD } from "../support/localMarket.ts";
import { beside, crash, freeze, reload, thaw } from "../support/tabs.ts";
import type { Answer } from "./pages/client.ts";

type Client = typeof import("./pages/client.ts");
type Tab = CodeInBrowser<Client>;
const ENTRY = join(import.meta.dirname, "pages/client.ts");

/** Between pages and the provider. */
let line: Line;
let url: string;
let market: LocalMarket;
let provider: SpawnedProvider;
let service: string;
let profile: string;
let chromium: Chromium;
before(async () => {
  if (skip) return;
  let shout: Uint8Array;
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  service = await market.publish(shout);
  const port = await freePort();
  line = await Line.to(port);
  url = `ws://127.0.0.1:${line.port}/`;
  const door = ["--web-socket", `127.0.0.1:${port}`, "--web-socket-address", url];
  provider = await market.spawnProvider({ services: [service], webSocket: false, args: door });
  profile = await mkdtemp(join(tmpdir(), "demec-profile-"));
  chromium = await Chromium.openProfile(profile);
});
after(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await line?.close();
  await market?.stop();
  if (profile !== undefined) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

/** A new buyer in a new tab. */
async function buyer(): Promise<{ tab: Tab; setting: Parameters<Client["open"]>[0] }> {
  const { privateKey } = await market.account({ usd: 100n * USD });
  const tab = await chromium.openPage<Client>(ENTRY);
  const setting = {
    ...{ privateKey, service, rpcUrl: market.network.rpcUrl, deployment: market.deployment },
    guides: [{ url, publicKey: provider.nodeKey }],
    options: { budget: 10n * USD, sessionCredits: 2n * CREDIT },
  };
  assert.equal(await tab.call("open", setting), "connected");
  return { tab, setting };
}

/** Each call once: a page that is asked for its answers twice tells them twice. */
function priceOf(answers: readonly Answer[]): bigint {
  const calls = new Map(answers.map((answer) => [`${answer.sessionId} ${answer.callId}`, answer.credits]));
  return [...calls.values()].reduce((sum, credits) => sum + credits, 0n);
}

/** Leaves the service: the chain settles by exactly the calls that were answered. */
async function settlesBy(tab: Tab, answers: readonly Answer[]): Promise<void> {
  const settled = await tab.call("leave");
  const sum = (part: "creditsUsed" | "invocations") => settled.reduce((total, each) => total + each[part], 0n);
  assert.equal(sum("invocations"), BigInt(answers.length));
  assert.equal(sum("creditsUsed"), priceOf(answers));
}

test("a page finds a provider through a guide, pays it for calls, and is settled by what it was answered", {
  skip,
}, async () => {
  const { tab } = await buyer();
  assert.equal(await tab.call("call", "hello, edge"), "HELLO, EDGE");
  for (let i = 0; i < 10; i++) assert.equal(await tab.call("call", `call ${i}`), `CALL ${i}`);
  await settlesBy(tab, await tab.call("answered"));
  await tab.call("close");
  await tab[Symbol.asyncDispose]();
});

test("a page that is reloaded, or whose process dies, goes on in its session: nothing signed is lost, nothing charged twice", {
  skip,
}, async () => {
  const { tab, setting } = await buyer();
  await tab.call("call", "first");
  const before = await tab.call("answered");
  await until("the first call is signed for", async () => (await tab.call("signed")).invocations === 1n);
  const { sessionId } = await tab.call("signed");
  await reload(tab);
  assert.equal(await tab.call("open", setting), "connected");
  assert.equal(await tab.call("call", "after a reload"), "AFTER A RELOAD");
  before.push(...(await tab.call("answered")));
  await until("both calls are signed for", async () => (await tab.call("signed")).invocations === 2n);

  // Calls are under way, and states being signed: what nobody was told of may be charged, but only what ran, and once.
  await tab.call("startLoad", 4);
  await until("calls are under way", async () => (await tab.call("countAnswered")) > 20);
  const { seq } = await tab.call("signed");
  const each = (await tab.call("answered"))[0]!.credits;
  await crash(tab);
  await using again = await chromium.openPage<Client>(ENTRY);
  assert.equal(await again.call("open", setting), "connected");
  assert.equal(await again.call("call", "after a crash"), "AFTER A CRASH");
  const after = await again.call("signed");
  assert.equal(after.sessionId, sessionId);
  assert.ok(after.seq >= seq, `state ${after.seq} after ${seq}`);
  const [settled, ...others] = await again.call("leave");
  assert.deepEqual([settled!.sessionId, others], [sessionId, []]);
  assert.ok(settled!.invocations >= 3n, "the two that were signed for, and the one after the crash");
  assert.ok(settled!.creditsUsed >= priceOf(before));
  assert.ok(settled!.creditsUsed <= settled!.invocations * 2n * each, "each invocation stands in it once");
  await again.call("close");
});

test("a page that loses its network, or sleeps, takes its session up again by itself, and every call is answered", {
  skip,
}, async () => {
  const { tab } = await buyer();
  await tab.call("call", "first");
  const { sessionId } = await tab.call("signed");
  await tab.call("startLoad", 4);
  const goesOn = async (what: string) => {
    const from = await tab.call("countAnswered");
    await until(what, async () => (await tab.call("countAnswered")) > from + 20, 60_000);
  };
  await goesOn("calls are answered");

  line.takeDown();
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  line.mend();
  await goesOn("calls are answered after the network was lost");

  const network = tab.page.context();
  await network.setOffline(true);
  line.weather = { delayMs: 8_000, loss: 0 };
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  line.weather = { delayMs: 0, loss: 0 };
  line.cut();
  await network.setOffline(false);
  await goesOn("calls are answered after a network that swallowed everything");

  await freeze(tab);
  await new Promise((resolve) => setTimeout(resolve, 5_000));
  await thaw(tab);
  await goesOn("calls are answered after a sleep");

  // Calls that were under way may have failed, as retryable; none is charged unless it was answered.
  const failures = await tab.call("stopLoad");
  for (const code of failures)
    assert.match(code, /^(network\/no-guide|sdk\/(provider-lost|no-provider|session-ended))$/);
  assert.equal((await tab.call("signed")).sessionId, sessionId);
  await settlesBy(tab, await tab.call("answered"));
  await tab.call("close");
  await tab[Symbol.asyncDispose]();
});

test("two tabs take turns with one wallet's sessions, each when it asks; together they are settled by what they were answered", {
  skip,
}, async () => {
  const { tab: first, setting } = await buyer();
  await using second = await beside(first);
  const answers: Answer[] = [];
  await first.call("call", "first");
  const { sessionId } = await first.call("signed");
  assert.equal(await second.call("open", { ...setting, whenOwned: "refuse" }), "session/journal-locked");
  await first.call("startLoad", 4);
  for (const [from, to] of [
    [first, second],
    [second, first],
  ] as const) {
    assert.equal(await to.call("open", setting), "connected");
    assert.equal(await from.call("howItEnded"), "handedOver");
    assert.equal(await from.call("call", "too late"), "sdk/session-released");
    assert.equal(await to.call("call", "in turn"), "IN TURN");
    assert.equal((await to.call("signed")).sessionId, sessionId);
    const failures = await from.call("stopLoad");
    assert.deepEqual([...new Set(failures)], from === first ? ["sdk/session-released"] : []);
  }
  answers.push(...(await first.call("answered")), ...(await second.call("answered")));
  await settlesBy(first, answers);
  await first.call("close");
  assert.equal(await first.call("howItEnded"), "closed");
  await first[Symbol.asyncDispose]();
});
