// A page of Chromium in the market's network: chain, DHT and providers are processes of their own.
import assert from "node:assert/strict";
import { after, before, suite, test } from "node:test";
import { serviceTopic } from "@demec/network/topics";
import { Chromium, type CodeInBrowser, skipChromium } from "../support/chromium.ts";
import { compileShout } from "../support/functions.ts";
import { LocalMarket, type SpawnedProvider } from "../support/localMarket.ts";

const PAGE = "test/browser/pages/network.ts";
type Page = CodeInBrowser<typeof import("./pages/network.ts")>;

suite("a page of Chromium", { skip: skipChromium }, () => {
  let market: LocalMarket;
  let chromium: Chromium;
  let service: string;
  /** Two that guide, and one that has no WebSocket. */
  let guides: readonly SpawnedProvider[];
  let doorless: SpawnedProvider;
  let page: Page;

  before(async () => {
    const [started, module, browser] = await Promise.all([LocalMarket.start(), compileShout(), Chromium.launch()]);
    [market, chromium] = [started, browser];
    service = await market.publish(module);
    const services = [service];
    guides = [await market.spawnProvider({ services }), await market.spawnProvider({ services })];
    doorless = await market.spawnProvider({ services, webSocket: false });
    page = await chromium.openPage<typeof import("./pages/network.ts")>(PAGE);
    await page.call(
      "join",
      guides.map(({ guide }) => guide!),
    );
  });
  after(async () => {
    await chromium?.[Symbol.asyncDispose]();
    await market?.stop();
  });

  test("finds all providers of a service, and reads their adverts", async () => {
    const found = await page.call("lookup", serviceTopic(service));
    assert.deepEqual(found.sort(), [...guides, doorless].map(({ nodeKey }) => nodeKey).sort());
    for (const key of found) assert.ok((await page.call("advertBytes", key)) > 100);
  });

  test("calls a provider's WebSocket directly, and one without any through a guide's tunnel", async () => {
    const direct = await page.call("reach", guides[1]!.nodeKey);
    const { carrier, relay, remotePublicKey, answer } = direct;
    assert.deepEqual(
      { carrier, relay, remotePublicKey, answer },
      { carrier: "websocket", relay: null, remotePublicKey: guides[1]!.nodeKey, answer: "access/not-gated" },
    );
    const tunnelled = await page.call("reach", doorless.nodeKey);
    assert.equal(tunnelled.carrier, "tunnel");
    assert.equal(tunnelled.relay, guides[0]!.nodeKey);
    assert.deepEqual([tunnelled.remotePublicKey, tunnelled.answer], [doorless.nodeKey, direct.answer]);
  });

  test("goes on through another guide when its own is killed", async () => {
    await guides[0]!.process.kill("SIGKILL");
    const { carrier, relay } = await page.call("reach", doorless.nodeKey);
    assert.deepEqual([carrier, relay], ["tunnel", guides[1]!.nodeKey]);
    assert.ok((await page.call("lookup", serviceTopic(service))).includes(doorless.nodeKey));
  });
});
