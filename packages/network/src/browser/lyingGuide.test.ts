import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { SignedRecord } from "@demec/protocol";
import NoiseSecretStream from "@hyperswarm/secret-stream";
import type { Connection } from "../connection.ts";
import { startLocalDht } from "../dht/localDht.ts";
import { Node } from "../dht/node.ts";
import type { GuideLink } from "../guide/guideLink.ts";
import { signRecord } from "../guide/signables.ts";
import { HostileGuide, hostileGuest } from "../guide/testing.ts";
import type { TunnelChannel } from "../guide/tunnelChannel.ts";
import { TunnelStream } from "../guide/tunnelStream.ts";
import { toHex } from "../hex.ts";
import type { Guide } from "../networkTypes.ts";
import { encodeSections, SECTIONS } from "../records/sections.ts";
import { NoiseStream } from "../transport/noiseStream.ts";
import { BrowserNode } from "./browserNode.ts";

const DOOR = { host: "127.0.0.1", port: 0 };
const ADVERT = new Uint8Array([1, 2, 3]);

async function pageWith(t: TestContext, guides: readonly Guide[]): Promise<BrowserNode> {
  const page = await BrowserNode.create({ guides });
  t.after(() => page.close());
  return page;
}

async function liar(t: TestContext): Promise<HostileGuide> {
  const guide = await HostileGuide.start();
  t.after(() => guide.close());
  return guide;
}

/** An honest guide, which is a provider with an advert too. */
async function honest(t: TestContext, onConnection: (connection: Connection) => void = () => {}): Promise<Node> {
  const dht = await startLocalDht();
  const node = await Node.create({ bootstrap: dht.bootstrap, host: "127.0.0.1", webSocket: DOOR });
  t.after(async () => {
    await node.close();
    await dht.close();
  });
  await node.listen({ onConnection, onFailure: () => {} });
  await node.publishAdvert(ADVERT);
  return node;
}

/** Has a guide answer every read with a record. */
function answerReads(guide: HostileGuide, record: () => SignedRecord | null): void {
  guide.onMessage = (message, link) => {
    if (message.type !== "read") return;
    link.send({ type: "record", id: message.id, record: record() });
    link.send({ type: "done", id: message.id });
  };
}

const advertised = (advert: Uint8Array) => encodeSections(new Map([[SECTIONS.advert, advert]]));

test("a record that its key has not signed is not believed, and another guide is asked", async (t) => {
  const [lying, node] = [await liar(t), await honest(t)];
  const forger = NoiseSecretStream.keyPair();
  answerReads(lying, () => signRecord(Date.now() + 1e6, advertised(new Uint8Array([6, 6, 6])), forger));
  const page = await pageWith(t, [lying.guide, node.guide!]);
  assert.deepEqual(await page.readAdvert(node.publicKey), ADVERT);
  const alone = await pageWith(t, [lying.guide]);
  assert.equal(await alone.readAdvert(node.publicKey), null);
});

test("an older record than was seen before is not taken for what a node says now", async (t) => {
  const lying = await liar(t);
  const keyPair = NoiseSecretStream.keyPair();
  const [old, newer] = [1, 2].map((seq) => signRecord(seq, advertised(new Uint8Array([seq])), keyPair));
  let record: SignedRecord | null = newer!;
  answerReads(lying, () => record);
  const page = await pageWith(t, [lying.guide]);
  const key = toHex(keyPair.publicKey);
  assert.deepEqual(await page.readAdvert(key), new Uint8Array([2]));
  for (record of [old!, null]) assert.deepEqual(await page.readAdvert(key), new Uint8Array([2]));
});

test("bytes that are no message cost the guide its link, and another is asked", async (t) => {
  const [lying, node] = [await liar(t), await honest(t)];
  lying.onMessage = (message, link) => {
    // What only guests say.
    if (message.type === "read") link.send({ type: "signed", signId: 1, signature: new Uint8Array(64) });
  };
  const page = await pageWith(t, [lying.guide, node.guide!]);
  assert.deepEqual(await page.readAdvert(node.publicKey), ADVERT);
});

test("nothing is signed that the page has not asked for", async (t) => {
  const lying = await liar(t);
  const said: string[] = [];
  const answered = Promise.withResolvers<void>();
  lying.onMessage = (message, link) => {
    said.push(message.type);
    if (message.type !== "lookup") return;
    link.send({ type: "sign", id: message.id, signId: 1, nodeId: new Uint8Array(32), token: new Uint8Array(32) });
    link.send({ type: "sign", id: 999, signId: 2, nodeId: new Uint8Array(32), token: new Uint8Array(32) });
    link.send({ type: "done", id: message.id });
    answered.resolve();
  };
  const page = await pageWith(t, [lying.guide]);
  for await (const peer of page.lookup(new Uint8Array(32))) assert.fail(`found ${peer.publicKey}`);
  await answered.promise;
  assert.deepEqual(said, ["lookup"]);
});

test("a tunnel that leads to somebody else proves the wrong key, and another guide is used", async (t) => {
  const [lying, node] = [await liar(t), await honest(t)];
  const keyPair = NoiseSecretStream.keyPair();
  lying.onTunnel = (tunnel) => {
    new NoiseStream("tunnel", false, new TunnelStream(tunnel, null), { keyPair }).on("error", () => {});
  };
  const addresses: string[] = [];
  const alone = await pageWith(t, [lying.guide]);
  await assert.rejects(alone.connect(node.publicKey, { addresses }), { code: "network/key-mismatch" });
  const page = await pageWith(t, [lying.guide, node.guide!]);
  const connection = await page.connect(node.publicKey, { addresses });
  assert.deepEqual([connection.remotePublicKey, connection.relay], [node.publicKey, node.publicKey]);
});

/** Passes tunnels on to an honest node, changing what it likes on the way. */
async function tamper(
  t: TestContext,
  lying: HostileGuide,
  node: Node,
  change: (bytes: Uint8Array, count: number) => readonly Uint8Array[],
): Promise<void> {
  const onward: GuideLink = await hostileGuest(node.guide!);
  t.after(() => onward.close());
  lying.onTunnel = (near, target) => {
    const far = onward.channel(target);
    let count = 0;
    const pass = (to: TunnelChannel, isForth: boolean) => ({
      onData: (bytes: Uint8Array) => {
        for (const piece of isForth ? change(bytes, count++) : [bytes]) to.send(piece);
      },
      onCredit: (bytes: number) => to.credit(bytes),
      onEnd: () => to.end(),
      onClosed: () => to.close(),
    });
    near.events = pass(far, true);
    far.events = pass(near, false);
  };
}

for (const [how, change] of [
  ["flips a bit", (bytes: Uint8Array) => [bytes.map((byte, i) => (i === bytes.length - 1 ? byte ^ 1 : byte))]],
  ["repeats", (bytes: Uint8Array) => [bytes, bytes]],
  ["leaves something out", () => []],
  ["cuts something short", (bytes: Uint8Array) => [bytes.subarray(0, -1)]],
] as const) {
  test(`a guide that ${how} in a tunnel ends it, and nothing forged arrives`, async (t) => {
    const arrived: unknown[] = [];
    const taken: Connection[] = [];
    const node = await honest(t, (connection) => {
      taken.push(connection);
      connection.onMessage((frame) => void arrived.push(frame));
    });
    const lying = await liar(t);
    let isTampering = false;
    await tamper(t, lying, node, (bytes) => (isTampering ? change(bytes) : [bytes]));
    const page = await BrowserNode.create({ guides: [lying.guide], connection: { heartbeatMs: 50, deadAfterMs: 500 } });
    t.after(() => page.close());
    const connection = await page.connect(node.publicKey, { addresses: [] });
    isTampering = true;
    connection.send({ type: "refuse", regarding: "offer", id: 7, code: "a/b", message: "once" });
    await Promise.all([connection.closed, taken[0]!.closed]);
    assert.ok(arrived.length <= (how === "repeats" ? 1 : 0), "what came whole may have been read before the rest");
  });
}
