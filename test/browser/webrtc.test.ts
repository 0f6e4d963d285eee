// A page leaves its WebSocket, or its tunnel, for a WebRTC data channel to the node; both really run.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { type Connection, type LocalDht, Node, startLocalDht } from "@demec/network";
import { until } from "@demec/protocol/testing";
import { Chromium, skipChromium as skip } from "../support/chromium.ts";
import { compileShout } from "../support/functions.ts";
import { CREDIT, LocalMarket, USD } from "../support/localMarket.ts";

type WebRtcPage = typeof import("./pages/webrtc.ts");
type Client = typeof import("./pages/client.ts");
const CLIENT = join(import.meta.dirname, "pages/client.ts");
const PAGE = join(import.meta.dirname, "pages/webrtc.ts");
const DOOR = { host: "127.0.0.1", port: 0 };

let dht: LocalDht;
let chromium: Chromium;
before(async () => {
  if (skip) return;
  [dht, chromium] = await Promise.all([startLocalDht(), Chromium.launch()]);
});
after(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await dht?.close();
});

/** A node that sends everything back. */
async function echoing(t: TestContext, options: { webRtc?: typeof DOOR } = {}) {
  const node = await Node.create({ bootstrap: dht.bootstrap, host: DOOR.host, webSocket: DOOR, ...options });
  t.after(() => node.close());
  const taken: Connection[] = [];
  await node.listen({
    onConnection: (connection) => {
      taken.push(connection);
      connection.onMessage((frame) => {
        if (frame.type !== "unsupported") connection.send(frame);
      });
    },
  });
  return { node, taken, url: node.addresses.find((address) => address.startsWith("ws:"))! };
}

test("a page reaches the same node key by a data channel, which carries frames of every size in order", {
  skip,
}, async (t) => {
  const { node, taken, url } = await echoing(t, { webRtc: DOOR });
  await using page = await chromium.openPage<WebRtcPage>(PAGE);
  const opened = await page.call("open", url, node.publicKey);
  assert.equal(typeof opened, "object", String(opened));
  await until("the node has greeted", () => taken.length === 2);
  const [first, second] = taken as [Connection, Connection];
  assert.deepEqual([first.carrier, second.carrier, second.remoteHost], ["websocket", "webrtc", "127.0.0.1"]);
  for (const [frames, bytes] of [
    [2_000, 100],
    [100, 60_000],
  ] as const) {
    assert.ok((await page.call("echo", frames, bytes)).isSame);
  }
  const why = page.call("ended");
  await node.close();
  assert.deepEqual(await why, { code: "network/closed", byPeer: true });
});

test("where the node takes no WebRTC the page is told, and keeps what it has", { skip }, async (t) => {
  const { node, url } = await echoing(t);
  await using page = await chromium.openPage<WebRtcPage>(PAGE);
  assert.equal(await page.call("open", url, node.publicKey), "network/webrtc-failed");
  assert.ok((await page.call("echo", 10, 100)).isSame);
  await node.close();
});

test("a page buys over WebRTC from a provider that it found through a guide, which carries nothing then; a killed provider is noticed", {
  skip,
}, async (t) => {
  const [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  t.after(() => market.stop());
  const service = await market.publish(shout);
  const guide = await Node.create({ ...market.nodeOptions, webSocket: DOOR });
  t.after(() => guide.close());
  await guide.listen({ onConnection: (connection) => void connection.close() });
  const provider = await market.spawnProvider({
    services: [service],
    webSocket: false,
    args: ["--web-rtc", "127.0.0.1:0"],
  });
  const { privateKey } = await market.account({ usd: 100n * USD });
  await using tab = await chromium.openPage<Client>(CLIENT);
  const opened = await tab.call("open", {
    ...{ privateKey, service, rpcUrl: market.network.rpcUrl, deployment: market.deployment },
    guides: [{ url: guide.addresses[0]!, publicKey: guide.publicKey }],
    options: { budget: 10n * USD, sessionCredits: 2n * CREDIT },
  });
  assert.equal(opened, "connected");
  assert.equal(await tab.call("call", "hello, edge"), "HELLO, EDGE");
  await until("the tunnel is left", () => guide.guideStatus!.tunnels === 0);
  const carried = () => [...guide.guideStatus!.bytesByPeer.values()].reduce((sum, bytes) => sum + bytes, 0);
  const before = carried();
  const large = "large ".repeat(20_000);
  assert.ok((await tab.call("call", large)) === large.toUpperCase());
  assert.equal((await tab.call("call", "grow1")).length, 1 << 20);
  assert.equal(carried(), before);
  const answers = await tab.call("answered");
  await until("all calls are signed for", async () => (await tab.call("signed")).invocations === 3n);
  assert.equal(
    (await tab.call("signed")).creditsUsed,
    answers.reduce((sum, { credits }) => sum + credits, 0n),
  );

  const call = tab.call("call", "spin");
  await provider.process.kill("SIGKILL");
  const killedMs = performance.now();
  assert.match(await call, /^(network|sdk|session)\//);
  assert.ok(performance.now() - killedMs < 10_000);
});
