// The pages in examples/, built and served by Vite and used in Chromium with a wallet that asks nobody: they trade on the
// local chain, call a provider, fetch through a service worker, and provide.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { creditsOf, supplyOf } from "@demec/chain";
import { formatServiceMetadata } from "@demec/protocol";
import type { Page } from "playwright-core";
import { build, preview } from "vite";
import { Chromium, skipChromium } from "./support/chromium.ts";
import { compileShout } from "./support/functions.ts";
import { CREDIT, LIMITS, LocalMarket, type SpawnedProvider, type TestAccount, USD } from "./support/localMarket.ts";

const EXAMPLES = join(import.meta.dirname, "../examples");
let market: LocalMarket;
let service: string;
let shout: Uint8Array;
let provider: SpawnedProvider;
let chromium: Chromium;
before(async () => {
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  service = await market.publish(shout);
  if (skipChromium) return;
  provider = await market.spawnProvider({ services: [service] });
  chromium = await Chromium.launch();
});
after(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await market?.stop();
});

/** Builds an example as its users do. @returns the folder with the page */
async function built(example: string): Promise<string> {
  const outDir = market.newFolder();
  await build({ root: join(EXAMPLES, example), logLevel: "error", build: { outDir, target: "es2024" } });
  return outDir;
}

/** A wallet in the page whose key the chain's node holds; it throws plain objects, as wallets do. */
function injectWallet({ account, rpcUrl }: { account: string; rpcUrl: string }): void {
  const request = async ({ method, params = [] }: { method: string; params?: unknown[] }) => {
    if (method === "eth_requestAccounts" || method === "eth_accounts") return [account];
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await fetch(rpcUrl, { method: "POST", headers: { "content-type": "application/json" }, body });
    const { result, error } = await answer.json();
    if (error) throw error;
    return result;
  };
  Object.assign(globalThis, { ethereum: { request, on() {}, removeListener() {} } });
}

/** Serves what was built. @returns where */
async function served(example: string, outDir: string, t: TestContext): Promise<string> {
  const server = await preview({
    root: join(EXAMPLES, example),
    logLevel: "error",
    build: { outDir },
    preview: { host: "127.0.0.1", port: 0 },
  });
  t.after(() => server.close());
  return `http://127.0.0.1:${(server.httpServer.address() as AddressInfo).port}`;
}

/** Opens a page as its visitor does. @returns what goes wrong in it, as it does */
async function open(page: Page, url: string, account: TestAccount, service: string): Promise<readonly string[]> {
  const { rpcUrl, deploymentFile } = market.network;
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  page.on("request", (request) => {
    const { origin } = new URL(request.url());
    if (![url, new URL(rpcUrl).origin, "null"].includes(origin)) problems.push(`it spoke to ${origin}`);
  });
  await page.addInitScript(injectWallet, { account: account.address, rpcUrl });
  const deployment = await readFile(deploymentFile, "utf8");
  const guides = JSON.stringify([provider.guide]);
  await page.goto(`${url}/?${new URLSearchParams({ service, rpc: rpcUrl, deployment, guides })}`);
  return problems;
}

/** Opens a page as its visitor does, and buys a credit. */
async function visit(page: Page, url: string): Promise<{ owned: () => Promise<bigint>; problems: readonly string[] }> {
  const visitor = await market.account({ usd: USD });
  const problems = await open(page, url, visitor, service);
  const serviceId = BigInt(service.split("/").at(-1)!);
  const owned = () => creditsOf(market.client, market.deployment, { serviceId, account: visitor.address });

  const connect = page.getByRole("button", { name: "Connect" });
  const shown = page.locator("output");
  await connect.or(shown).first().waitFor();
  if (await connect.isVisible()) await connect.click();
  await shown.getByText("0 credits", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Buy" }).click();
  await shown.getByText("1 credits", { exact: true }).waitFor();
  assert.equal(await owned(), CREDIT);
  return { owned, problems };
}

const PAGES = { "dapp-viem": "calls with it", "dapp-ethers": "sells it back", "dapp-react": "calls with it" };
for (const [example, does] of Object.entries(PAGES)) {
  test(`${example} builds, and its visitor buys a credit and ${does}`, async (t) => {
    const folder = await built(example);
    if (skipChromium) return t.skip(skipChromium);
    const page = await chromium.newPage();
    const { owned, problems } = await visit(page, await served(example, folder, t));
    if (does === "calls with it") {
      await page.getByRole("button", { name: "Call" }).click();
      await page.locator("output").getByText("HELLO, EDGE", { exact: true }).waitFor();
      assert.equal(await owned(), 0n, "they are in a session now");
      assert.deepEqual(problems, []);
      return page.close();
    }
    await page.getByRole("button", { name: "Sell" }).click();
    await page.locator("output").getByText("0 credits", { exact: true }).waitFor();
    assert.equal(await owned(), 0n);
    assert.deepEqual(problems, []);
    await page.close();
    const serviceId = BigInt(service.split("/").at(-1)!);
    assert.equal(await supplyOf(market.client, market.deployment, serviceId), 0n);
  });
}

test("tab-provider builds, and its visitor sells what a tab can do", async (t) => {
  const folder = await built("tab-provider");
  if (skipChromium) return t.skip(skipChromium);
  const metadata = { name: "shout", shape: "reactor", limits: LIMITS, browserProviders: true } as const;
  const service = await market.publish(shout, { metadata: formatServiceMetadata(metadata) });
  const page = await chromium.newPage();
  const visitor = await market.account({ demec: 5_000n * CREDIT });
  const problems = await open(page, await served("tab-provider", folder, t), visitor, service);
  const module = { name: "shout.wasm", mimeType: "application/wasm", buffer: Buffer.from(shout) };
  await page.getByLabel("Module of the service").setInputFiles(module);
  await page.getByRole("button", { name: "Start" }).click();
  await page.getByRole("status").getByText("Open for business").waitFor();

  const demec = await market.connect(await market.account({ usd: USD }));
  const bought = await demec.service(service, { budget: USD });
  assert.equal(Buffer.from(await bought.call("hello, tab")).toString(), "HELLO, TAB");
  await bought.close();
  await page.locator("dt", { hasText: "Calls that ended well" }).locator("+ dd").getByText("1").waitFor();
  await page.getByRole("button", { name: "Stop" }).click();
  await page.getByRole("status").getByText("Stopped.").waitFor();
  assert.deepEqual(problems, []);
  await page.close();
});

test("fetch-page builds, and its visitor fetches what a provider computes, once for its price and then for nothing", async (t) => {
  const folder = await built("fetch-page");
  if (skipChromium) return t.skip(skipChromium);
  const page = await chromium.newPage();
  const visitor = await market.account({ usd: USD });
  const problems = await open(page, await served("fetch-page", folder, t), visitor, service);
  const status = page.getByRole("status");
  await status.getByText("Ready.").waitFor();
  await page.getByLabel("Input").fill("hello, worker");
  await page.getByRole("button", { name: "Fetch" }).click();
  await page.locator("output").getByText("HELLO, WORKER", { exact: true }).waitFor();
  await status.getByText("Paid: ").waitFor();
  await page.getByRole("button", { name: "Fetch" }).click();
  await status.getByText("From before, and free.").waitFor();
  assert.deepEqual(problems, []);
  await page.close();
});
