// A page leaves its WebSocket, or its tunnel, for a WebRTC data channel to the node; both really run.
import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { type Connection, type LocalDht, Node, startLocalDht } from "@demec/network";
import { Chromium, skipChromium as skip } from "../support/chromium.ts";

type WebRtcPage = typeof import("./pages/webrtc.ts");
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
  console.log(opened);
  const [first, second] = taken as [Connection, Connection];
  assert.deepEqual([first.carrier, second.carrier, second.remoteHost], ["websocket", "webrtc", "127.0.0.1"]);
  for (const [frames, bytes] of [
    [2_000, 100],
    [100, 60_000],
  ] as const) {
    const { isSame, ms } = await page.call("echo", frames, bytes);
    console.log(frames, bytes, ms);
    assert.ok(isSame);
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
