// A site whose pages fetch paid results: from a service worker that pays a real provider, and that the browser may stop at any time.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { formatServiceMetadata } from "@demec/protocol";
import { copier } from "../../packages/wasm/src/testing/streams.ts";
import { Chromium, type CodeInBrowser, skipChromium as skip } from "../support/chromium.ts";
import { compileShout } from "../support/functions.ts";
import { CREDIT, LocalMarket, type SpawnedProvider, type TestAccount, USD } from "../support/localMarket.ts";
import type { Told } from "./pages/fetches.ts";
import type { WorkerSetting } from "./pages/serviceWorker.ts";

type Pages = typeof import("./pages/fetches.ts");
type Tab = CodeInBrowser<Pages>;
const PAGE = join(import.meta.dirname, "pages/fetches.ts");
const WORKER = join(import.meta.dirname, "pages/serviceWorker.ts");
const LIMITS = { bitOps: 2_000_000_000n, floatOps: 0n, memoryPages: 600, outputBytes: 4 << 20 };
const TARIFF = { a: 10n ** 11n, b: 10n ** 11n, c: 10n ** 11n, d: 0n, e: 0n, f: 0n };

let market: LocalMarket;
let provider: SpawnedProvider;
let services: { readonly shout: string; readonly copy: string };
let account: TestAccount;
let script: string;
let profile: string;
let chromium: Chromium;
/** Credits of the answers that said what they cost, by session and receipt: each call once. */
const paid = new Map<string, Map<string, bigint>>();

before(async () => {
  if (skip) return;
  market = await LocalMarket.start();
  const metadata = (name: string, shape: "command" | "reactor") =>
    formatServiceMetadata({ name, shape, limits: LIMITS });
  services = {
    shout: await market.publish(await compileShout(), { tariff: TARIFF, metadata: metadata("shout", "reactor") }),
    copy: await market.publish(copier(65_536), { tariff: TARIFF, metadata: metadata("copy", "command") }),
  };
  provider = await market.spawnProvider({ services: Object.values(services) });
  account = await market.account({ usd: 100n * USD });
  const served = (service: string) => ({ service, budget: `${10n * USD}`, sessionCredits: `${2n * CREDIT}` });
  const { deployment } = market;
  const setting: WorkerSetting = {
    deployment: { ...deployment, deploymentBlock: `${deployment.deploymentBlock}` },
    rpcUrls: [market.network.rpcUrl],
    guides: [provider.guide!],
    services: { shout: served(services.shout), copy: served(services.copy) },
  };
  script = `/worker.js?setting=${encodeURIComponent(JSON.stringify(setting))}`;
  profile = await mkdtemp(join(tmpdir(), "demec-profile-"));
  chromium = await Chromium.openProfile(profile);
  await chromium.serve("/worker.js", WORKER);
});
after(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await market?.stop();
  if (profile !== undefined) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

const visitor = () => ({ rpcUrl: market.network.rpcUrl, account: account.address });
const openPage = () => chromium.openPage<Pages>(PAGE);

async function openTab(): Promise<Tab> {
  const tab = await openPage();
  await tab.call("register", script, visitor());
  return tab;
}

/** Fetches, and books what it cost unless it was kept from before. */
async function get(tab: Tab, path: string, body?: string): Promise<Told> {
  const told = await tab.call("get", path, body);
  const { "demec-receipt": receipt, "demec-credits": credits, "demec-cached": cached } = told.headers;
  if (told.status !== 200 || cached !== undefined) return told;
  const session = told.headers["demec-session"]!;
  paid.set(session, (paid.get(session) ?? new Map()).set(receipt!, BigInt(credits!)));
  return told;
}

/** As the browser does when it needs the room. */
async function stopWorkers(tab: Tab): Promise<void> {
  const session = await tab.page.context().newCDPSession(tab.page);
  await session.send("ServiceWorker.enable");
  await session.send("ServiceWorker.stopAllWorkers");
  await session.detach();
}

test("where no page has a wallet, what is not paid for yet is to be paid: the problem says what to do", {
  skip,
}, async () => {
  await using tab = await openPage();
  await tab.call("register", script);
  const told = await get(tab, "/demec/shout", "for nothing");
  assert.equal(told.status, 402);
  assert.partialDeepStrictEqual(JSON.parse(told.text), { code: "sdk/no-page", retryable: true, status: 402 });
});

test("pages of a site fetch what providers are paid to compute, one session for all of them", { skip }, async () => {
  await using first = await openTab();
  await using second = await openTab();
  const answers = await Promise.all([
    get(first, "/demec/shout", "from the first page"),
    get(second, "/demec/shout", "from the second page"),
  ]);
  assert.deepEqual(
    answers.map(({ status, text }) => [status, text]),
    [
      [200, "FROM THE FIRST PAGE"],
      [200, "FROM THE SECOND PAGE"],
    ],
  );
  assert.equal(answers[0]!.headers["demec-session"], answers[1]!.headers["demec-session"]);
  const asked = [...(await first.call("askedOfWallet")), ...(await second.call("askedOfWallet"))];
  assert.ok(asked.includes("eth_sendTransaction"), "the visitor's wallet bought the credits");
});

test("the same call is paid once: what it gave is kept by what it follows from", { skip }, async () => {
  await using tab = await openTab();
  const fresh = await get(tab, "/demec/shout", "only once");
  const again = await get(tab, "/demec/shout", "only once");
  assert.deepEqual([fresh.headers["demec-cached"], again.headers["demec-cached"]], [undefined, "true"]);
  assert.deepEqual([again.text, again.headers["demec-receipt"]], ["ONLY ONCE", fresh.headers["demec-receipt"]]);
  const other = await get(tab, "/demec/shout?bitOps=20000000", "only once");
  assert.equal(other.headers["demec-cached"], undefined, "another limit is another call");
});

test("what can't be answered is a problem with its code: unknown words, and addresses that are opened instead of fetched", {
  skip,
}, async () => {
  await using tab = await openTab();
  const told = await get(tab, "/demec/shout?colour=red", "no");
  assert.equal(told.status, 400);
  assert.equal(told.headers["content-type"], "application/problem+json");
  assert.partialDeepStrictEqual(JSON.parse(told.text), { status: 400, code: "sdk/bad-request", retryable: false });
  assert.equal((await get(tab, "/demec/nothing")).status, 404);
  const opened = await tab.page.goto(new URL("/demec/shout?arg=spend", tab.page.url()).href);
  assert.equal(opened!.status(), 400);
});

test("an answer is streamed while it is made, and a page that hangs up takes its call back", { skip }, async () => {
  await using tab = await openTab();
  const input = "as it is written\n".repeat(60_000);
  const { chunks, text } = await tab.call("stream", "/demec/copy?stream=true", input);
  assert.equal(text, input);
  assert.ok(chunks > 2, `${chunks} chunks`);
  const cut = await tab.call("stream", "/demec/copy?stream=true", `${input} once more`, 1);
  assert.ok(cut.text.length < input.length);
  assert.equal(await tab.call("abort", "/demec/copy?stream=true", `${input} given up`, 1), "TimeoutError");
  assert.equal((await get(tab, "/demec/copy", "still here")).text, "still here");
});

test("a worker that the browser stops goes on in its session when it is next asked, with no page's wallet", {
  skip,
}, async () => {
  await using tab = await openTab();
  const before = await get(tab, "/demec/shout", "before it is stopped");
  await stopWorkers(tab);
  const calls = Array.from({ length: 8 }, (_, i) => get(tab, "/demec/shout", `one of many ${i}`));
  await Promise.all(calls);
  await stopWorkers(tab);
  await using plain = await openPage();
  await tab.page.close();
  const after = await get(plain, "/demec/shout", "after it was stopped");
  assert.equal(after.text, "AFTER IT WAS STOPPED");
  assert.equal(after.headers["demec-session"], before.headers["demec-session"]);
});

test("without a network what was fetched before is still answered, and what was not says that it may be later", {
  skip,
}, async () => {
  await using tab = await openTab();
  await get(tab, "/demec/shout", "kept for the road");
  await tab.page.context().setOffline(true);
  try {
    const kept = await get(tab, "/demec/shout", "kept for the road");
    assert.deepEqual([kept.status, kept.text], [200, "KEPT FOR THE ROAD"]);
    await stopWorkers(tab);
    const missing = await get(tab, "/demec/shout", "never fetched before");
    assert.equal(missing.status, 503);
    assert.equal(JSON.parse(missing.text).retryable, true);
  } finally {
    await tab.page.context().setOffline(false);
  }
});

test("a page takes the sessions over and settles them by exactly what was answered; the worker then starts anew", {
  skip,
}, async () => {
  await using tab = await openTab();
  const { deployment } = market;
  const leave = (service: string) => tab.call("leave", visitor(), deployment, [provider.guide!], service);
  const priceIn = (told: Told) => [...paid.get(told.headers["demec-session"]!)!.values()];
  const sum = (credits: readonly bigint[]) => credits.reduce((total, each) => total + each, 0n);
  // What was answered in the very moment in which a worker died may have gone unpaid. Nothing is paid twice.
  const stopped = priceIn(await get(tab, "/demec/shout", "the last one"));
  const first = await leave(services.shout);
  assert.ok(first.invocations <= BigInt(stopped.length) && first.creditsUsed <= sum(stopped));

  await Promise.all(Array.from({ length: 5 }, (_, i) => get(tab, "/demec/shout", `anew ${i}`)));
  const credits = priceIn(await get(tab, "/demec/shout", "a new session"));
  assert.equal(credits.length, 6);
  assert.deepEqual(await leave(services.shout), { invocations: 6n, creditsUsed: sum(credits) });
});
