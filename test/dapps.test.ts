// The pages in examples/, built by Vite and used in Chromium with a wallet that asks nobody: they trade on the local chain.
// None of them calls a provider: a browser's way to one is yet to come (docs/releasing.md).
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { creditsOf, supplyOf } from "@demec/chain";
import type { Page, Route } from "playwright-core";
import { build } from "vite";
import { Chromium, skipChromium } from "./support/chromium.ts";
import { compileShout } from "./support/functions.ts";
import { CREDIT, LocalMarket, USD } from "./support/localMarket.ts";

const EXAMPLES = join(import.meta.dirname, "../examples");
/** Nobody listens there: Playwright answers. */
const ORIGIN = "http://localhost";
const TYPES: Readonly<Record<string, string>> = { html: "text/html", js: "text/javascript", css: "text/css" };

let market: LocalMarket;
let service: string;
let chromium: Chromium;
before(async () => {
  let shout: Uint8Array;
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  service = await market.publish(shout);
  if (!skipChromium) chromium = await Chromium.launch();
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

/** Everything that a page asks for: its own files from `folder`, and the chain, which is at another origin. */
async function answer(route: Route, folder: string): Promise<void> {
  const request = route.request();
  const { origin, pathname } = new URL(request.url());
  if (origin === ORIGIN) {
    const file = pathname === "/" ? "/index.html" : pathname;
    const body = await readFile(join(folder, file)).catch(() => null);
    if (body === null) return route.fulfill({ status: 404 });
    return route.fulfill({ body, contentType: TYPES[file.split(".").at(-1)!]! });
  }
  assert.equal(origin, new URL(market.network.rpcUrl).origin, "a page speaks to nobody else");
  const headers = { "access-control-allow-origin": "*", "access-control-allow-headers": "*" };
  if (request.method() === "OPTIONS") return route.fulfill({ headers });
  const response = await fetch(request.url(), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: request.postData(),
  });
  return route.fulfill({ headers, contentType: "application/json", body: await response.text() });
}

/** Opens a page as its visitor does, buys a credit and sells it. */
async function trade(page: Page, folder: string): Promise<void> {
  const { rpcUrl, deploymentFile } = market.network;
  const { address } = await market.account({ usd: USD });
  const owned = () =>
    creditsOf(market.client, market.deployment, { serviceId: BigInt(service.split("/").at(-1)!), account: address });
  const problems: string[] = [];
  page.on("pageerror", (error) => problems.push(error.message));
  await page.route("**", (route) => answer(route, folder));
  await page.addInitScript(injectWallet, { account: address, rpcUrl });
  const query = new URLSearchParams({ service, rpc: rpcUrl, deployment: await readFile(deploymentFile, "utf8") });
  await page.goto(`${ORIGIN}/?${query}`);

  const connect = page.getByRole("button", { name: "Connect" });
  const shown = page.locator("output");
  await connect.or(shown).first().waitFor();
  if (await connect.isVisible()) await connect.click();
  await shown.getByText("0 credits", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Buy" }).click();
  await shown.getByText("1 credits", { exact: true }).waitFor();
  assert.equal(await owned(), CREDIT);
  await page.getByRole("button", { name: "Sell" }).click();
  await shown.getByText("0 credits", { exact: true }).waitFor();
  assert.equal(await owned(), 0n);
  assert.deepEqual(problems, []);
}

for (const example of ["dapp-viem", "dapp-ethers", "dapp-react"]) {
  test(`${example} builds, and its visitor buys a credit and sells it back`, async (t) => {
    const folder = await built(example);
    if (skipChromium) return t.skip(skipChromium);
    const page = await chromium.newPage();
    await trade(page, folder);
    await page.close();
    const serviceId = BigInt(service.split("/").at(-1)!);
    assert.equal(await supplyOf(market.client, market.deployment, serviceId), 0n);
  });
}
