/**
 * Figures of issue "In the browser": paid, metered, receipted calls from a page in Chromium to a provider in its own process, by
 * WebSocket and by WebRTC, beside plain fetches of the same payload from the same page, by turns; what proving a provider costs
 * there; what a page loads. Journals are in IndexedDB and on disk. Prints the figures and writes them to
 * bench/results/browser.json.
 *
 *   node bench/browser.ts [--rounds <n>] [--seconds <n>]
 */
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatServiceMetadata } from "@demec/protocol";
import type { Guide } from "@demec/sdk/browser";
import { BROWSER_ALIAS } from "../scripts/bundling/browser.ts";
import { chunksOf } from "../test/release/sizes.ts";
import { Chromium, type CodeInBrowser } from "../test/support/chromium.ts";
import { CREDIT, LocalMarket, USD } from "../test/support/localMarket.ts";
import { ECHO } from "./executor/echo.ts";
import { against, type Figure, median, report, round } from "./figures.ts";

type Page = CodeInBrowser<typeof import("./browser/page.ts")>;

const IN_FLIGHT = 64;
const SEQUENTIAL = 500;
const PAGE = join(import.meta.dirname, "browser/page.ts");
const ROOT = join(import.meta.dirname, "..");
/** What the publisher of an echo would set: enough for the call, so that the worst case of a call is close to its price. */
const LIMITS = { bitOps: 100_000n, floatOps: 0n, memoryPages: 1, outputBytes: 1024 };

const { values } = parseArgs({
  options: { rounds: { type: "string", default: "3" }, seconds: { type: "string", default: "10" } },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);

/** A page with a session at the one provider of a service. */
async function buyer(market: LocalMarket, chromium: Chromium, service: string, guide: Guide): Promise<Page> {
  const { privateKey } = await market.account({ usd: 1_000n * USD });
  const page = await chromium.openPage<typeof import("./browser/page.ts")>(PAGE);
  await page.call("open", {
    ...{ privateKey, service, guides: [guide], rpcUrl: market.network.rpcUrl, deployment: market.deployment },
    ...{ sessionCredits: 100n * CREDIT, budget: 1_000n * USD },
  });
  return page;
}

/** What was paid is what was called: no figure counts otherwise. */
async function settle(page: Page): Promise<void> {
  const { calls, credits, signedInvocations, signedCredits } = await page.call("account");
  if (signedInvocations !== BigInt(calls) || signedCredits !== credits) {
    throw new Error(`${calls} calls for ${credits} were made, and ${signedInvocations} for ${signedCredits} signed.`);
  }
}

async function measureCalls(market: LocalMarket, chromium: Chromium, echo: string): Promise<Figure[]> {
  const metadata = formatServiceMetadata({ name: "echo", shape: "reactor", limits: LIMITS });
  const [overWebSocket, overWebRtc] = [
    await market.publish(ECHO, { metadata }),
    await market.publish(ECHO, { metadata }),
  ];
  const provider = await market.spawnProvider({ services: [overWebSocket] });
  const args = ["--web-rtc", "127.0.0.1:0"];
  await market.spawnProvider({ services: [overWebRtc], webSocket: false, args });
  const guide = provider.guide!;
  const pages = {
    webSocket: await buyer(market, chromium, overWebSocket, guide),
    webRtc: await buyer(market, chromium, overWebRtc, guide),
  };
  const perSecond = { webSocket: [] as number[], webRtc: [] as number[], fetch: [] as number[] };
  for (const page of Object.values(pages)) await page.call("callsPerSecond", seconds / 4, IN_FLIGHT);
  for (let i = 0; i < rounds; i++) {
    perSecond.webSocket.push(await pages.webSocket.call("callsPerSecond", seconds, IN_FLIGHT));
    perSecond.webRtc.push(await pages.webRtc.call("callsPerSecond", seconds, IN_FLIGHT));
    perSecond.fetch.push(await pages.webSocket.call("fetchesPerSecond", echo, seconds, IN_FLIGHT));
  }
  const sequential = {
    webSocket: await pages.webSocket.call("sequentialP50Ms", SEQUENTIAL),
    webRtc: await pages.webRtc.call("sequentialP50Ms", SEQUENTIAL),
  };
  for (const page of Object.values(pages)) await settle(page);

  const rate = (name: string, values: readonly number[]): Figure =>
    against(
      { name, value: round(median(values), 0), unit: "1/s", target: null, note: `${IN_FLIGHT} in flight, 256 bytes` },
      "fetch to node:http, from the page",
      round(median(perSecond.fetch), 0),
    );
  return [
    rate("wsCallsPerSecond", perSecond.webSocket),
    rate("webrtcCallsPerSecond", perSecond.webRtc),
    ms("sequentialP50Ms", sequential.webSocket, 5, "by WebSocket"),
    ms("webrtcSequentialP50Ms", sequential.webRtc, null, "by WebRTC"),
  ];
}

const ms = (name: string, value: number, target: number | null, note: string): Figure => ({
  ...{ name, value: round(value, 2), unit: "ms", target, note },
});

/** What it costs a page to prove a provider instead of believing a node. */
async function measureLightClient(market: LocalMarket, chromium: Chromium): Promise<Figure[]> {
  const { owner } = await market.startProvider({ services: [await market.publish(ECHO)] });
  const page = await chromium.openPage<typeof import("./browser/page.ts")>(PAGE);
  const nodes = [1, 2, 3].map((node) => `${market.network.rpcUrl}/?node=${node}`);
  const options = { nodes, quorum: 2, depth: 0, deployment: market.deployment };
  const { verifyMs, firstMs } = await page.call("timeLightClient", options, owner.address);
  return [
    ms("lightClientVerifyMs", verifyMs, null, "block and provider, two nodes of three agree"),
    ms("lightClientFirstMs", firstMs, null, "block, code and provider"),
  ];
}

/** What a page loads until it calls, and what comes later. */
async function measureSize(): Promise<Figure[]> {
  const chunks = await chunksOf('export { connect } from "@demec/sdk/browser"', ROOT, BROWSER_ALIAS);
  console.table(chunks);
  const kb = (...when: readonly string[]) =>
    round(
      chunks.filter((chunk) => when.includes(chunk.when)).reduce((sum, { gzipBytes }) => sum + gzipBytes, 0) / 1000,
      1,
    );
  return [
    {
      name: "sdkGzipKb",
      value: kb("at once", "to call"),
      unit: "kB",
      target: 250,
      note: `of it ${kb("at once")} at once`,
    },
    {
      name: "sdkLaterGzipKb",
      value: kb("later"),
      unit: "kB",
      target: null,
      note: "only where something of it is asked for",
    },
  ];
}

/** What is measured, with all that runs for it; it ends with it, whatever happens. */
async function measure(): Promise<Figure[]> {
  const echo: ChildProcess = fork(join(import.meta.dirname, "browser/httpEcho.ts"));
  const [url] = (await once(echo, "message")) as [string];
  const market = await LocalMarket.start();
  try {
    await using chromium = await Chromium.launch();
    const light = await measureLightClient(market, chromium);
    return [...(await measureCalls(market, chromium, url)), ...light, ...(await measureSize())];
  } finally {
    echo.kill("SIGKILL");
    await market.stop();
  }
}

if (!report("browser", await measure())) process.exitCode = 1;
