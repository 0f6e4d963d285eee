import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import type { Hex } from "@demec/protocol";
import type { Connection } from "../connection.ts";
import { startLocalDht } from "../dht/localDht.ts";
import { Node, type NodeOptions } from "../dht/node.ts";
import type { Guide } from "../networkTypes.ts";
import { serviceTopic } from "../topics.ts";
import { BrowserNode, type BrowserNodeOptions } from "./browserNode.ts";

const DOOR = { host: "127.0.0.1", port: 0 };
const TOPIC = serviceTopic(`eip155:31337/erc1155:0x${"12".repeat(20)}/1`);

/** A fresh local DHT, nodes in it and pages beside it; all of it goes away with the test. */
async function network(t: TestContext) {
  const dht = await startLocalDht();
  const nodes: { close(): Promise<void> }[] = [];
  t.after(async () => {
    // Pages first: what they take back, a guide does for them.
    for (const node of nodes.reverse()) await node.close();
    await dht.close();
  });
  return {
    async node(options: NodeOptions = {}, onConnection?: (connection: Connection) => void): Promise<Node> {
      const node = await Node.create({ bootstrap: dht.bootstrap, host: "127.0.0.1", ...options });
      nodes.push(node);
      if (onConnection !== undefined) await node.listen({ onConnection, onFailure: () => {} });
      return node;
    },
    async page(guides: readonly Guide[], options: Partial<BrowserNodeOptions> = {}): Promise<BrowserNode> {
      const page = await BrowserNode.create({ guides, ...options });
      nodes.push(page);
      return page;
    },
  };
}

function guideOf({ guide }: Node): Guide {
  return guide!;
}

async function keysOf(found: AsyncIterable<{ publicKey: Hex }>): Promise<Hex[]> {
  const keys: Hex[] = [];
  for await (const { publicKey } of found) keys.push(publicKey);
  return keys;
}

/** Says something over a connection and hears it at the other end. */
async function talks(near: Connection, far: Connection): Promise<void> {
  const heard = new Promise((resolve) => far.onMessage(resolve));
  near.send({ type: "refuse", regarding: "offer", id: 7, code: "a/b", message: "hello" });
  assert.deepEqual(await heard, { type: "refuse", regarding: "offer", id: 7, code: "a/b", message: "hello" });
}

test("a page finds a provider by topic and advert through a guide, and calls its WebSocket directly", async (t) => {
  const { node, page } = await network(t);
  const guide = await node({ webSocket: DOOR }, () => {});
  const taken: Connection[] = [];
  const provider = await node({ webSocket: DOOR }, (connection) => taken.push(connection));
  await provider.announce(TOPIC);
  await provider.publishAdvert(new Uint8Array([1, 2, 3]));
  const seeker = await page([guideOf(guide)]);
  assert.deepEqual(await keysOf(seeker.lookup(TOPIC)), [provider.publicKey]);
  assert.deepEqual(await seeker.readAdvert(provider.publicKey), new Uint8Array([1, 2, 3]));
  assert.equal(await seeker.readAdvert(`0x${"11".repeat(32)}`), null);
  const connection = await seeker.connect(provider.publicKey);
  assert.deepEqual([connection.carrier, connection.relay], ["websocket", null]);
  assert.equal(taken[0]!.remotePublicKey, seeker.publicKey);
  await talks(connection, taken[0]!);
});

test("a page reaches a provider that has no WebSocket through a tunnel, and both ends know by whom", async (t) => {
  const { node, page } = await network(t);
  const guide = await node({ webSocket: DOOR }, () => assert.fail("a guest is no buyer of the guide's"));
  const taken: Connection[] = [];
  const provider = await node({ tcp: DOOR }, (connection) => taken.push(connection));
  const seeker = await page([guideOf(guide)]);
  const connection = await seeker.connect(provider.publicKey);
  assert.deepEqual([connection.carrier, connection.relay], ["tunnel", guide.publicKey]);
  assert.deepEqual([taken[0]!.carrier, taken[0]!.relay], ["tunnel", guide.publicKey]);
  assert.deepEqual([connection.remotePublicKey, taken[0]!.remotePublicKey], [provider.publicKey, seeker.publicKey]);
  assert.equal(connection.handshakeHash, taken[0]!.handshakeHash);
  await talks(connection, taken[0]!);
  const { guests, tunnels, bytesByPeer } = guide.guideStatus!;
  assert.deepEqual([guests, tunnels, [...bytesByPeer.keys()]], [1, 1, [seeker.publicKey]]);
  await connection.close();
});

test("a page that listens is found by topic and advert, and reached by nodes and by pages, of the same guide and of another", async (t) => {
  const { node, page } = await network(t);
  const [guide, other, buyer] = [
    await node({ webSocket: DOOR }, () => {}),
    await node({ webSocket: DOOR }, () => {}),
    await node(),
  ];
  const provider = await page([guideOf(guide)], { seed: new Uint8Array(32).fill(5) });
  const taken: Connection[] = [];
  await provider.listen({ onConnection: (connection) => taken.push(connection), onFailure: () => {} });
  await provider.announce(TOPIC);
  await provider.publishAdvert(new Uint8Array([4, 5]));
  assert.deepEqual(await keysOf(buyer.lookup(TOPIC)), [provider.publicKey]);
  assert.deepEqual([...(await buyer.readAdvert(provider.publicKey))!], [4, 5]);
  const seekers = [buyer, await page([guideOf(guide)]), await page([guideOf(other)])];
  for (const [index, seeker] of seekers.entries()) {
    const connection = await seeker.connect(provider.publicKey);
    assert.deepEqual([connection.carrier, connection.relay], ["tunnel", guide.publicKey]);
    assert.equal(taken[index]!.remotePublicKey, seeker.publicKey);
    await talks(connection, taken[index]!);
  }
  await provider.unannounce(TOPIC);
  assert.deepEqual(await keysOf(buyer.lookup(TOPIC)), []);
});

test("when a guide is gone the page uses another, for what it asks and for being reached", async (t) => {
  const { node, page } = await network(t);
  const [first, second, buyer] = [
    await node({ webSocket: DOOR }, () => {}),
    await node({ webSocket: DOOR }, () => {}),
    await node(),
  ];
  const provider = await page([guideOf(first), guideOf(second)]);
  const taken: Connection[] = [];
  await provider.listen({ onConnection: (connection) => taken.push(connection) });
  await provider.announce(TOPIC);
  const connection = await buyer.connect(provider.publicKey);
  const relay = connection.relay === first.publicKey ? first : second;
  const left = relay === first ? second : first;
  await relay.close();
  await connection.closed;
  assert.deepEqual(await keysOf(provider.lookup(TOPIC)), [provider.publicKey]);
  const again = await buyer.connect(provider.publicKey);
  assert.equal(again.relay, left.publicKey);
  await talks(again, taken.at(-1)!);
});

test("without a guide nothing is found, and it is said why", async (t) => {
  const { page } = await network(t);
  const key = `0x${"11".repeat(32)}` as const;
  await assert.rejects(BrowserNode.create({ guides: [] }), { code: "network/no-guide" });
  await assert.rejects(BrowserNode.create({ guides: [{ url: "http://127.0.0.1/", publicKey: key }] }), {
    code: "network/bad-address",
  });
  const lost = await page([{ url: "ws://127.0.0.1:1/", publicKey: key }]);
  await assert.rejects(keysOf(lost.lookup(TOPIC)), { code: "network/no-guide" });
  await assert.rejects(lost.connect(key), { code: "network/no-guide" });
});

test("a guide that is somebody else is not believed", async (t) => {
  const { node, page } = await network(t);
  const guide = await node({ webSocket: DOOR }, () => {});
  const lost = await page([{ ...guideOf(guide), publicKey: `0x${"11".repeat(32)}` }]);
  await assert.rejects(keysOf(lost.lookup(TOPIC)), { code: "network/no-guide" });
});
