// What a page names instead of sending it: its inputs, its outputs, its own modules and what a publisher ships, between Chromium
// and a provider in its own process.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { formatServiceMetadata, sha256 } from "@demec/protocol";
import { bytesToHex } from "viem";
import { Chromium, type CodeInBrowser, skipChromium as skip } from "../support/chromium.ts";
import { compileShout } from "../support/functions.ts";
import { CREDIT, LIMITS, LocalMarket, type SpawnedProvider, USD } from "../support/localMarket.ts";

type Page = typeof import("./pages/content.ts");
const NO_CODE = { codeHash: `0x${"00".repeat(32)}`, codeCore: `0x${"00".repeat(32)}` } as const;
const SCHEMA = {
  input: { type: "array", items: { type: "string" } },
  output: { type: "array", items: { type: "string" } },
};
/** More than a message carries. */
const LARGE = 20 << 20;
const LARGE_LIMITS = { bitOps: 3_000_000_000n, memoryPages: 1_024, outputBytes: LARGE };

let market: LocalMarket;
let provider: SpawnedProvider;
let shout: Uint8Array;
let services: { readonly fixed: string; readonly open: string; readonly typed: string };
let chromium: Chromium;
let page: CodeInBrowser<Page>;
before(async () => {
  if (skip) return;
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  const schema = await market.share(new TextEncoder().encode(JSON.stringify(SCHEMA)));
  const metadata = formatServiceMetadata({ name: "shout", shape: "reactor", limits: LIMITS, schema });
  services = {
    fixed: await market.publish(shout),
    open: await market.publish(shout, NO_CODE),
    typed: await market.publish(shout, { metadata }),
  };
  provider = await market.spawnProvider({ services: Object.values(services) });
  const { privateKey } = await market.account({ usd: 100n * USD });
  chromium = await Chromium.launch();
  page = await chromium.openPage<Page>(join(import.meta.dirname, "pages/content.ts"));
  await page.call("open", {
    ...{ privateKey, service: services.fixed, rpcUrl: market.network.rpcUrl, deployment: market.deployment },
    ...{ guides: [provider.guide!], options: { budget: 20n * USD, sessionCredits: 20n * CREDIT } },
  });
});
after(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await market?.stop();
});

test("a page finds what a publisher ships before it has called anybody, and calls by it", { skip }, async () => {
  assert.deepEqual(await page.call("callTyped", services.typed, ["hello", "page"]), {
    schema: SCHEMA,
    value: ["HELLO", "PAGE"],
  });
});

test("an input and an output that no message carries go to a page and come from it", { skip }, async (t) => {
  const startMs = performance.now();
  const answer = await page.call("callByContent", LARGE, 97, { limits: LARGE_LIMITS, deadlineMs: 60_000 });
  t.diagnostic(`20 MiB both ways in ${(performance.now() - startMs).toFixed(0)} ms`);
  const expected = new Uint8Array(LARGE).fill(65);
  assert.deepEqual([answer.length, answer.sha256], [LARGE, bytesToHex(sha256(expected))]);
  assert.equal(answer.bytes, BigInt(2 * LARGE));
});

test("calls by content at once each get their own output", { skip }, async () => {
  const lengths = [40_000, 70_000, 200_000, 1, 65_536];
  const answers = await Promise.all(lengths.map((length, i) => page.call("callByContent", length, 97 + i, {})));
  assert.deepEqual(
    answers.map(({ sha256 }) => sha256),
    lengths.map((length, i) => bytesToHex(sha256(new Uint8Array(length).fill(65 + i)))),
  );
});

test("what a page serves that is not what it named is refused there, by its code", { skip }, async () => {
  assert.equal(await page.call("callOf", `0x${"07".repeat(32)}`), "network/content-hash-mismatch");
});

test("a page's own module is fetched from it, run, and named by the receipt", { skip }, async () => {
  assert.equal(await page.call("callOwn", services.open, shout, "by myself"), "BY MYSELF");
});

test("what was called by content is settled like all else", { skip }, async () => {
  assert.deepEqual(await page.call("close"), ["settled"]);
});
