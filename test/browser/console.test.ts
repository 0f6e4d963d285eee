// The console in Chromium, as its visitor uses it, with the real chain, DHT and providers: what it shows is what the chain says.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { gzipSync } from "node:zlib";
import {
  claimOf,
  creditsOf,
  getService,
  getSettlement,
  listUnsettledSessions,
  quoteBuy,
  quoteSell,
  reserveOf,
  sellCredits,
  supplyOf,
} from "@demec/chain";
import { type ServedConsole, serveConsole } from "@demec/console";
import type { Page } from "playwright-core";
import { createTestClient, erc20Abi, http, toFunctionSelector } from "viem";
import { getTransactionCount, readContract } from "viem/actions";
import { build } from "vite";
import { Chromium, skipChromium } from "../support/chromium.ts";
import { compileShout } from "../support/functions.ts";
import { seriousIn, smallTexts } from "../support/legibility.ts";
import {
  type Books,
  CREDIT,
  LocalMarket,
  type SpawnedProvider,
  type TestAccount,
  USD,
} from "../support/localMarket.ts";

const ROOT = join(import.meta.dirname, "../..");
/** What the views looked like, for people to look at. */
const SCREENSHOTS = join(ROOT, "test/artifacts/screenshots");
/** The machine may be busy, and a lost provider is not given up at once. */
const LONG = { timeout: 60_000 } as const;
/** Scripts and styles of the first view, after gzip; some 10% above what was measured. */
const FIRST_LOAD_BYTES = 268_000;
const WIDTHS = [390, 768, 1440] as const;

let market: LocalMarket;
let serviceId: bigint;
const providers: SpawnedProvider[] = [];
let buyer: TestAccount;
let penniless: TestAccount;
let served: ServedConsole;
let chromium: Chromium;
before(async () => {
  if (skipChromium) return;
  const [started, shout] = await Promise.all([
    LocalMarket.start(),
    compileShout(),
    build({ configFile: join(ROOT, "packages/console/vite.config.ts") }),
  ]);
  market = started;
  const service = await market.publish(shout);
  serviceId = BigInt(service.split("/").at(-1)!);
  for (const region of ["eu-de-fra", "us-va-iad"]) {
    providers.push(await market.spawnProvider({ services: [service], region }));
  }
  buyer = await market.account({ usd: 100n * USD });
  const { deployment, network } = market;
  // It has money, and nothing to pay for gas.
  penniless = await market.account({ usd: USD });
  const node = createTestClient({ mode: "hardhat", transport: http(network.rpcUrl) });
  await node.setBalance({ address: penniless.address, value: 0n });
  served = await serveConsole({
    settings: {
      chainId: deployment.chainId,
      chainName: "Test chain",
      rpcUrls: [network.rpcUrl],
      deployment: JSON.parse(readFileSync(network.deploymentFile, "utf8")),
      guides: providers.flatMap(({ guide }) => guide ?? []),
      devAccounts: [buyer.address, penniless.address],
    },
  });
  chromium = await Chromium.launch();
  await mkdir(SCREENSHOTS, { recursive: true });
});
after(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await served?.stop();
  await market?.stop();
});

/** A new visitor's page. Whatever goes wrong in it fails the test that looks. */
async function visit(route = "/"): Promise<{ page: Page; problems: string[] }> {
  const page = await chromium.newPage();
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  await page.goto(`${served.url}#${route}`);
  return { page, problems };
}

async function connectWallet(page: Page, { account = buyer, name = "Test wallet 1" } = {}): Promise<void> {
  await page.getByRole("banner").getByRole("button", { name: "Connect wallet" }).click();
  await page.getByRole("button", { name }).click();
  await page
    .getByRole("banner")
    .getByRole("button", { name: account.address.slice(0, 6) })
    .waitFor();
}

/** The exact number behind what is shown beside a label. */
async function shown(page: Page, label: string): Promise<bigint> {
  const value = page
    .locator("dl > div", { has: page.locator("dt", { hasText: label }) })
    .locator("data")
    .first();
  return BigInt((await value.getAttribute("value"))!);
}

const money = () =>
  readContract(market.client, {
    address: market.network.mockUsd,
    abi: erc20Abi,
    functionName: "balanceOf",
    args: [buyer.address],
  });
const credits = () => creditsOf(market.client, market.deployment, { serviceId, account: buyer.address });

test("what is bought and sold costs and brings what was shown, and the page shows what the chain has", async (t) => {
  if (skipChromium) return t.skip(skipChromium);
  const { client, deployment } = market;
  const { page, problems } = await visit();
  await page.getByRole("link", { name: "shout" }).click();
  await connectWallet(page);
  const before = await money();

  await page.getByLabel("Buy", { exact: true }).fill("12.5");
  const { cost } = await quoteBuy(client, deployment, { serviceId, credits: (25n * CREDIT) / 2n });
  assert.equal(await shown(page, "You pay"), cost, "the page computes what the contracts do");
  await page.getByRole("button", { name: /^Buy 12\.5/ }).click();
  await page.getByText("Bought 12.5 credits").waitFor();
  assert.equal(await credits(), (25n * CREDIT) / 2n);
  assert.equal(before - (await money()), cost);
  assert.equal(await shown(page, "Your credits"), await credits());
  assert.equal(await shown(page, "In circulation"), await supplyOf(client, deployment, serviceId));
  assert.equal(await shown(page, "Reserve"), await reserveOf(client, deployment, serviceId));

  // Whoever comes back finds the wallet connected and the credits there.
  await page.reload();
  await page.getByLabel("Buy", { exact: true }).waitFor();
  await page.locator("dl > div", { hasText: "Your credits" }).getByText("12.5").waitFor();
  const asked: string[] = [];
  page.on("request", (request) => asked.push(request.postData() ?? ""));

  await page.getByRole("button", { name: "Sell", exact: true }).click();
  await page.getByRole("button", { name: "all" }).click();
  const proceeds = await quoteSell(client, deployment, { serviceId, credits: await credits() });
  assert.equal(await shown(page, "You get"), proceeds);
  await page.getByRole("button", { name: /^Sell 12\.5/ }).click();
  await page.getByText("Sold 12.5 credits").waitFor();
  assert.equal(await credits(), 0n);
  assert.equal(before - (await money()), cost - proceeds);
  assert.equal(await shown(page, "Your credits"), 0n);
  const reads = (signature: string) => asked.some((body) => body.includes(toFunctionSelector(signature)));
  assert.ok(reads("balanceOf(address,uint256)"), "what the sale has changed is read again");
  assert.ok(!reads("getService(uint256)") && !reads("decimals()"), "terms and tokens, which never change, are not");
  assert.deepEqual(problems, []);
  await page.close();
});

test("what an account holds is shown to nobody who has disconnected it or switched to another", async (t) => {
  if (skipChromium) return t.skip(skipChromium);
  const { page, problems } = await visit(`/service/${serviceId}`);
  await connectWallet(page);
  await page.getByLabel("Buy", { exact: true }).fill("1");
  await page.getByRole("button", { name: /^Buy 1/ }).click();
  await page.getByText("Bought 1 credit").waitFor();
  const held = page.locator("dl > div", { has: page.locator("dt", { hasText: "Your credits" }) });
  await held.locator(`data[value="${CREDIT}"]`).waitFor();
  await page
    .getByRole("banner")
    .getByRole("button", { name: buyer.address.slice(0, 6) })
    .click();
  await page.getByRole("button", { name: "Disconnect" }).click();
  await held.getByText("—").waitFor();
  await connectWallet(page, { account: penniless, name: "Test wallet 2" });
  await held.locator('data[value="0"]').waitFor();
  await sellCredits(market.wallet(buyer), market.deployment, { serviceId, credits: CREDIT, minProceeds: 0n });
  assert.deepEqual(problems, []);
  await page.close();
});

test("a limit order is placed and taken back, and selling to a price stops there", async (t) => {
  if (skipChromium) return t.skip(skipChromium);
  const { page, problems } = await visit(`/service/${serviceId}`);
  await connectWallet(page);
  await page.getByLabel("Buy", { exact: true }).fill("400");
  await page.getByRole("button", { name: /^Buy 400/ }).click();
  await page.getByText("Bought 400 credits").waitFor();

  await page.getByRole("button", { name: "Limit", exact: true }).click();
  await page.getByLabel("Your price").fill("0.09");
  await page.getByLabel("Sell", { exact: true }).fill("50");
  await page.getByRole("button", { name: /^Place order/ }).click();
  await page.getByText("Your order for 50 credits waits").waitFor();
  assert.equal(await credits(), 350n * CREDIT);
  await page.getByRole("button", { name: "take back" }).click();
  await page.getByText("50 credits are back").waitFor();
  assert.equal(await credits(), 400n * CREDIT);

  await page.getByRole("button", { name: "Sell to price" }).click();
  await page.getByLabel("Least price of every credit").fill("0.02");
  const sold = await shown(page, "Sells");
  const proceeds = await quoteSell(market.client, market.deployment, { serviceId, credits: sold });
  await page
    .getByRole("button", { name: /^Sell / })
    .last()
    .click();
  await page.getByText("wait for you in the market", { exact: false }).first().waitFor();
  assert.equal(await credits(), 400n * CREDIT - sold);
  const had = await money();
  await page.getByRole("button", { name: "Withdraw to your wallet" }).click();
  await page
    .getByText("are in your wallet")
    .waitFor({ state: "attached" })
    .catch(() => undefined);
  assert.equal((await money()) - had, proceeds);
  assert.deepEqual(problems, []);
  await page.close();
});

test("what can't be paid is said before it is tried, what the node refuses with its cure, and what the wallet declines as nothing sent", async (t) => {
  if (skipChromium) return t.skip(skipChromium);
  const { page } = await visit(`/service/${serviceId}`);
  await connectWallet(page, { account: penniless, name: "Test wallet 2" });
  const amount = page.getByLabel("Buy", { exact: true });
  await amount.fill("5000000");
  await page.getByText(/^This costs .* mUSD; the wallet has/).waitFor();
  assert.ok(await page.getByRole("button", { name: /^Buy 5/ }).isDisabled());

  await amount.fill("1");
  await page.getByRole("button", { name: /^Buy 1/ }).click();
  await page.getByText("chain/insufficient-gas-money").waitFor(LONG);
  assert.match((await page.getByRole("alert").textContent()) ?? "", /gas/i);

  // As wallets do when their owner says no.
  await page.route(market.network.rpcUrl, async (route) => {
    const asked = route.request().postDataJSON();
    const refuse = ({ id, method }: { id: number; method: string }) =>
      method.startsWith("eth_sign") ? { jsonrpc: "2.0", id, error: { code: 4001, message: "User rejected" } } : null;
    const refused = Array.isArray(asked) ? null : refuse(asked);
    return refused === null ? route.fallback() : route.fulfill({ json: refused });
  });
  await page.getByRole("button", { name: /^Buy 1/ }).click();
  await page.getByText("You declined in the wallet.").waitFor(LONG);
  await page.close();
});

test("what became of a transaction that was sent is shown: that another took its place, or that it is in no block for long", async (t) => {
  if (skipChromium) return t.skip(skipChromium);
  const node = createTestClient({ mode: "hardhat", transport: http(market.network.rpcUrl) });
  const { page, problems } = await visit(`/service/${serviceId}`);
  await connectWallet(page);
  const buy = async () => {
    await page.getByLabel("Buy", { exact: true }).fill("1");
    await page.getByRole("button", { name: /^Buy 1/ }).click();
    await page.getByText("sent, waiting for a block").waitFor(LONG);
  };
  const held = await credits();
  await node.setAutomine(false);
  try {
    const nonce = await getTransactionCount(node, { address: buyer.address });
    await buy();
    await page.getByRole("button", { name: "1 on the way" }).click();
    // The page has looked at it by then.
    await page.waitForTimeout(2_000);
    const fees = { maxFeePerGas: 10n ** 12n, maxPriorityFeePerGas: 10n ** 12n };
    await market.wallet(buyer).sendTransaction({ to: buyer.address, nonce, chain: null, ...fees });
    await node.mine({ blocks: 1 });
    await page.getByText("chain/transaction-replaced").waitFor(LONG);
    await page
      .getByRole("listitem")
      .getByText(/^replaced\. .* do it again/)
      .waitFor(LONG);

    await buy();
    const [hash] = await page.evaluate(() => {
      const sent = JSON.parse(localStorage.getItem("demec:transactions")!) as { hash: `0x${string}`; status: string }[];
      const waiting = sent.filter(({ status }) => status === "sent");
      const longAgo = waiting.map((transaction) => ({ ...transaction, sentAt: 0 }));
      localStorage.setItem("demec:transactions", JSON.stringify(longAgo));
      return waiting.map((transaction) => transaction.hash);
    });
    await node.dropTransaction({ hash: hash! });
    await node.mine({ blocks: 1 });
    await page.reload();
    await page.getByRole("button", { name: "1 on the way" }).click();
    await page
      .getByRole("listitem")
      .getByText(/^in no block yet\. .* raise its fee/)
      .waitFor(LONG);
    await page.screenshot({ path: join(SCREENSHOTS, "transaction-overdue-1440.png") });
    assert.deepEqual(await seriousIn(page), []);
    await page.getByRole("button", { name: "Clear the list" }).click();
    await page.getByRole("button", { name: "on the way" }).waitFor({ state: "detached" });
  } finally {
    await node.setAutomine(true);
  }
  assert.equal(await credits(), held);
  assert.deepEqual(problems, []);
  await page.close();
});

/** Runs a text through the service, and waits until its receipt is proven. @returns the provider that did it */
async function call(page: Page, text: string): Promise<string> {
  await page.getByLabel("Text", { exact: true }).fill(text);
  await page.getByRole("button", { name: "Run", exact: true }).click();
  await page.getByLabel("Output", { exact: true }).getByText(text.toUpperCase(), { exact: true }).waitFor(LONG);
  await page.getByText("every link holds").waitFor(LONG);
  const href = await page.locator("dl > div", { hasText: "Done by" }).getByRole("link").getAttribute("href");
  return href!.split("/").at(-1)!;
}

/** A visitor whose settings name these endpoints. */
async function visitBy(rpcUrls: readonly string[], route: string): Promise<{ page: Page; problems: string[] }> {
  const visitor = await visit();
  await visitor.page.evaluate(
    (urls) => localStorage.setItem("demec:settings", JSON.stringify({ rpcUrls: urls })),
    rpcUrls,
  );
  await visitor.page.goto(`${served.url}#${route}`);
  await visitor.page.reload();
  return visitor;
}

test("where two endpoints are named nothing is paid unless both prove what it rests on, and the page says what was proved, or why not", async (t) => {
  if (skipChromium) return t.skip(skipChromium);
  const { client, deployment, network } = market;
  const { rpcUrl } = network;
  // Coin that the development node gave away is in no block: the next one has it.
  await market.passTime(1);
  const process = market.spawn("test/support/lyingRpc.ts", [rpcUrl, rpcUrl]);
  const liars = ((await process.nextObject()) as { rpcUrl: string }).rpcUrl;
  const before = await market.books();

  /** Tries a call, and sees it refused. */
  const refused = async (rpcUrls: readonly string[], code: string, cure: string) => {
    const { page } = await visitBy(rpcUrls, `/try/${serviceId}`);
    await connectWallet(page);
    await page.getByText("2 of 2 endpoints have to agree on a block").waitFor(LONG);
    await page.getByRole("button", { name: "Run", exact: true }).click();
    const alert = page.getByRole("alert").filter({ hasText: code });
    await alert.waitFor(LONG);
    assert.ok((await alert.textContent())?.includes(cure), `${await alert.textContent()}`);
    // With what each endpoint said, which is long.
    await page.setViewportSize({ width: 390, height: 844 });
    assert.ok((await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)) <= 0, code);
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.screenshot({ path: join(SCREENSHOTS, `refused-${code.split("/")[1]}-1440.png`), fullPage: true });
    return page;
  };
  await (await refused([rpcUrl, `${liars}/header`], "light/no-quorum", "add good ones")).close();
  const page = await refused([`${liars}/stake`, rpcUrl], "light/false-provider", "Use another RPC node");
  await page.goto(`${served.url}#/provider/${providers[0]!.owner.address}`);
  await page.getByRole("alert").getByText("light/false-provider").waitFor(LONG);
  await page.close();
  assert.deepEqual(await market.books(), before);
  assert.deepEqual(await listUnsettledSessions(client, deployment, { buyer: buyer.address }), []);

  const honest = await visitBy([`${rpcUrl}/?a`, `${rpcUrl}/?b`], `/try/${serviceId}`);
  await connectWallet(honest.page);
  const provider = await call(honest.page, "proved");
  await honest.page.getByText("2 of 2 endpoints prove that session against one block").waitFor(LONG);
  await honest.page.goto(`${served.url}#/provider/${provider}`);
  await honest.page
    .getByText(/^Keys and stake: proved against block \S+, on which 2 of 2 endpoints agree/)
    .waitFor(LONG);
  await honest.page.screenshot({ path: join(SCREENSHOTS, "provider-proved-1440.png"), fullPage: true });
  await honest.page.goto(`${served.url}#/sessions`);
  await honest.page.getByText(/^This session: proved against block/).waitFor(LONG);
  await honest.page.screenshot({ path: join(SCREENSHOTS, "session-proved-1440.png"), fullPage: true });
  assert.deepEqual(await seriousIn(honest.page), []);
  await honest.page.getByRole("button", { name: "Close and sell everything back" }).click();
  await honest.page.getByText("No session is open").waitFor(LONG);
  assert.deepEqual(honest.problems, []);
  await honest.page.close();

  const { page: believer } = await visit(`/provider/${provider}`);
  await believer.getByText("Keys and stake: not proved. One endpoint alone is named").waitFor(LONG);
  await believer.close();
});

test("a call from the page is paid, proven and survives a reload, another tab, and its provider; what is left is sold back", async (t) => {
  if (skipChromium) return t.skip(skipChromium);
  const { client, deployment } = market;
  const books = await market.books();
  const { page, problems } = await visit(`/try/${serviceId}`);
  await connectWallet(page);
  const first = await call(page, "hello, edge");
  for (const link of await page.locator(".checks li").all()) assert.equal(await link.getAttribute("class"), "holds");
  await page.screenshot({ path: join(SCREENSHOTS, "try-result-1440.png"), fullPage: true });

  // A reload in the middle of the session, and another tab: the same session goes on.
  await page.reload();
  await call(page, "after a reload");
  const tab = await page.context().newPage();
  await tab.goto(`${served.url}#/try/${serviceId}`);
  await call(tab, "from another tab");
  await page.getByText("Another tab has your sessions now").waitFor(LONG);
  await page.getByRole("button", { name: "Bring them here" }).click();
  await call(page, "and back");
  await tab.close();
  const [opened, ...others] = await listUnsettledSessions(client, deployment, { buyer: buyer.address });
  assert.deepEqual(others, []);
  await page.goto(`${served.url}#/sessions`);
  await page.locator("dl > div", { hasText: "Calls signed for" }).locator('data[value="4"]').waitFor(LONG);
  await page.screenshot({ path: join(SCREENSHOTS, "session-open-1440.png"), fullPage: true });

  // Its provider dies: the next call is done by the other one.
  const [dead] = providers.filter(({ owner }) => owner.address === first);
  assert.ok(dead, `${first} is one of ${providers.map(({ owner }) => owner.address)}`);
  await dead.process.kill("SIGKILL");
  await page.goto(`${served.url}#/try/${serviceId}`);
  assert.notEqual(await call(page, "who else"), first);

  await page.goto(`${served.url}#/sessions`);
  await page.getByRole("button", { name: "Close and sell everything back" }).click();
  await page.getByText("A provider did not answer").waitFor(LONG);
  // Nobody challenges what it was left at.
  await market.passTime(2 * 3600);
  await page.getByRole("button", { name: "Close and sell everything back" }).click();
  await page.getByText("No session is open").waitFor(LONG);
  const settlement = (await getSettlement(client, deployment, opened!.sessionId))!;
  assert.equal(settlement.state.invocations, 4n);
  const ended = page.locator("li", { hasText: "4 calls" }).locator("data");
  const numbers = await ended.evaluateAll((all) => all.map((data) => (data as HTMLDataElement).value));
  assert.deepEqual(
    numbers,
    [settlement.state.creditsUsed, settlement.providerAmount, settlement.buyerAmount].map(String),
  );
  await page.screenshot({ path: join(SCREENSHOTS, "sessions-ended-1440.png"), fullPage: true });

  assert.equal(await credits(), 0n);
  assert.equal(await claimOf(client, deployment, { token: market.network.mockUsd, account: buyer.address }), 0n);
  await page.goto(`${served.url}#/service/${serviceId}`);
  await page.locator("dl > div", { hasText: "Your credits" }).locator('data[value="0"]').waitFor();
  await page.goto(`${served.url}#/try/${serviceId}`);
  await page
    .locator("dl > div", { hasText: "In your wallet" })
    .locator(`data[value="${await money()}"]`)
    .waitFor();
  assert.equal(sum(await market.books(), "money"), sum(books, "money"), "no money came from or went to nowhere");
  assert.deepEqual(
    problems.filter((problem) => !/WebSocket/.test(problem)),
    [],
  );
  await page.close();
});

/** Of all accounts. */
const sum = (books: Books, what: string): bigint =>
  Object.entries(books).reduce((total, [name, amount]) => (name.endsWith(`: ${what}`) ? total + amount : total), 0n);

test("a curve is shaped with the keyboard, kept over a reload with the rest of the draft, and published as it was drawn", async (t) => {
  if (skipChromium) return t.skip(skipChromium);
  const { client, deployment } = market;
  const { page, problems } = await visit("/publish");
  await connectWallet(page);
  await page.getByLabel("Name", { exact: true }).fill("louder");
  await page.reload();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "louder");
  const end = page.getByRole("slider", { name: "End of the curve" });
  await end.focus();
  await page.keyboard.press("ArrowUp");
  assert.match((await end.getAttribute("aria-valuetext")) ?? "", /^0\.1006 mUSD per credit at 100.000 credits$/);
  await page.getByRole("button", { name: "Publish for good" }).click();
  await page.getByRole("heading", { name: "louder" }).waitFor(LONG);
  const published = BigInt(page.url().split("/").at(-1)!);
  const [made, model] = await Promise.all([
    getService(client, deployment, published),
    getService(client, deployment, serviceId),
  ]);
  assert.equal(made.curve.y3, 100_600n * CREDIT);
  assert.equal(made.curve.x3, 100_000n * CREDIT);
  assert.deepEqual([made.codeHash, made.codeCore], [model.codeHash, model.codeCore]);
  assert.deepEqual(problems, []);
  await page.close();
});

test("what the overview loads stays small: what calls services comes when somebody calls", async (t) => {
  if (skipChromium) return t.skip(skipChromium);
  const dist = join(ROOT, "packages/console/dist");
  const index = readFileSync(join(dist, "index.html"), "utf8");
  const files = new Set(index.match(/assets\/[^"]+\.(js|css)/g));
  const bytes = [...files].reduce((total, file) => total + gzipSync(readFileSync(join(dist, file))).length, 0);
  t.diagnostic(`${bytes} bytes after gzip`);
  assert.ok(bytes <= FIRST_LOAD_BYTES, `${bytes} bytes`);
});

test("every view reads well on phones, tablets and desktops, light and dark: no overflow, no small print, nothing axe finds serious", async (t) => {
  if (skipChromium) return t.skip(skipChromium);
  const views: Readonly<Record<string, string>> = {
    overview: "/",
    service: `/service/${serviceId}`,
    publish: "/publish",
    try: `/try/${serviceId}`,
    sessions: "/sessions",
    providers: "/providers",
    provider: `/provider/${providers[0]!.owner.address}`,
    map: "/map",
    settings: "/settings",
  };
  const { page, problems } = await visit();
  await connectWallet(page);
  for (const [name, route] of Object.entries(views)) {
    await page.goto(`${served.url}#${route}`);
    await page.emulateMedia({ colorScheme: "light", reducedMotion: "reduce" });
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: width < 500 ? 844 : 900 });
      await page.waitForFunction(() => document.querySelector("main .loading") === null);
      const excess = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(excess <= 0, `${name} is ${excess} px wider than a window of ${width}`);
      assert.deepEqual(await page.evaluate(smallTexts), [], `${name} at ${width}`);
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}.png`), fullPage: true });
      if (width === 390) assert.deepEqual(await seriousIn(page), [], `${name} on a phone`);
    }
    await page.emulateMedia({ colorScheme: "dark" });
    assert.deepEqual(await seriousIn(page), [], `${name} in the dark`);
    if (name === "overview" || name === "service") {
      await page.screenshot({ path: join(SCREENSHOTS, `${name}-dark.png`), fullPage: true });
    }
  }
  assert.deepEqual(problems, []);
  t.diagnostic(`screenshots are in ${SCREENSHOTS}`);
  await page.close();
});
