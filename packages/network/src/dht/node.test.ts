import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { Connection } from "../connection.ts";
import type { FoundPeer } from "../networkTypes.ts";
import { serviceTopic } from "../topics.ts";
import { startLocalDht } from "./localDht.ts";
import { Node, type NodeOptions } from "./node.ts";

const TOPIC = serviceTopic(`eip155:31337/erc1155:0x${"12".repeat(20)}/1`);

/** Makes nodes on a fresh local DHT; all of it goes away with the test. */
async function network(t: TestContext) {
  const dht = await startLocalDht();
  const nodes: Node[] = [];
  t.after(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await dht.close();
  });
  return async (options: NodeOptions = {}): Promise<Node> => {
    const node = await Node.create({ bootstrap: dht.bootstrap, host: "127.0.0.1", ...options });
    nodes.push(node);
    return node;
  };
}

async function all(found: AsyncIterable<FoundPeer>): Promise<string[]> {
  const keys: string[] = [];
  for await (const { publicKey } of found) keys.push(publicKey);
  return keys.sort();
}

test("a seed gives the same node key for ever, and no seed a fresh one", async (t) => {
  const create = await network(t);
  const [first, second, third] = [
    await create({ seed: new Uint8Array(32).fill(1) }),
    await create({ seed: new Uint8Array(32).fill(1) }),
    await create(),
  ];
  assert.equal(first.publicKey, "0x8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c");
  assert.equal(second.publicKey, first.publicKey);
  assert.notEqual(third.publicKey, first.publicKey);
});

test("every node that announced a topic is found once, up to the limit, and no more after it took that back", async (t) => {
  const create = await network(t);
  const [a, b, buyer] = [await create(), await create(), await create()];
  for (const node of [a, b]) {
    await node.listen({ onConnection: () => {} });
    await node.announce(TOPIC);
    await node.announce(TOPIC);
  }
  assert.deepEqual(await all(buyer.lookup(TOPIC)), [a.publicKey, b.publicKey].sort());
  assert.equal((await all(buyer.lookup(TOPIC, { limit: 1 }))).length, 1);
  await a.unannounce(TOPIC);
  assert.deepEqual(await all(buyer.lookup(TOPIC)), [b.publicKey]);
  await b.close();
  assert.deepEqual(await all(buyer.lookup(TOPIC)), []);
});

test("a node's record is what it last published, over restarts and a clock that was set back too", async (t) => {
  const create = await network(t);
  const [first, reader] = [await create({ seed: new Uint8Array(32).fill(3) }), await create()];
  assert.equal(await reader.readAdvert(first.publicKey), null);
  await first.publishAdvert(new Uint8Array(900).fill(1));
  assert.deepEqual(await reader.readAdvert(first.publicKey), Buffer.alloc(900, 1));
  await first.close();
  const again = await create({ seed: new Uint8Array(32).fill(3) });
  t.mock.method(Date, "now", () => 1_000);
  await again.publishAdvert(Uint8Array.of(2));
  assert.deepEqual(await reader.readAdvert(again.publicKey), Buffer.of(2));
});

test("a connection goes to the key that was asked for, on both ends the same one", async (t) => {
  const create = await network(t);
  const [provider, buyer] = [await create(), await create({ connection: { agent: "buyer" } })];
  const accepted = Promise.withResolvers<Connection>();
  await provider.listen({ onConnection: accepted.resolve });
  const connection = await buyer.connect(`0x${provider.publicKey.slice(2).toUpperCase()}`);
  const other = await accepted.promise;
  assert.equal(connection.remotePublicKey, provider.publicKey);
  assert.equal(other.remotePublicKey, buyer.publicKey);
  assert.equal(other.handshakeHash, connection.handshakeHash);
  assert.equal(other.remoteAgent, "buyer");
});

test("a key that nobody serves is unreachable, and an attempt can be called off", async (t) => {
  const create = await network(t);
  const node = await create();
  const nobody = `0x${"11".repeat(32)}` as const;
  await assert.rejects(node.connect(nobody), { code: "network/unreachable" });
  await assert.rejects(node.connect("0x11"), { code: "protocol/malformed" });
  await assert.rejects(node.connect(nobody, { signal: AbortSignal.abort() }), { code: "network/aborted" });
  await assert.rejects(all(node.lookup(TOPIC, { signal: AbortSignal.abort() })), { code: "network/aborted" });
});

test("connections above the limit get no answer until one ends", async (t) => {
  const create = await network(t);
  const [provider, buyer] = [await create(), await create()];
  await provider.listen({ onConnection: () => {}, maxConnections: 1 });
  const first = await buyer.connect(provider.publicKey);
  await assert.rejects(buyer.connect(provider.publicKey, { timeoutMs: 300 }), { code: "network/timeout" });
  await first.close();
  assert.ok((await buyer.connect(provider.publicKey)) instanceof Connection);
});

test("a node that closes says goodbye, and can't be reached again", async (t) => {
  const create = await network(t);
  const [provider, buyer] = [await create(), await create()];
  await provider.listen({ onConnection: () => {} });
  const connection = await buyer.connect(provider.publicKey);
  await provider.close();
  const reason = await connection.closed;
  assert.deepEqual([reason.code, reason.byPeer], ["network/closed", true]);
  assert.match(reason.message, /This node closes/);
  await assert.rejects(buyer.connect(provider.publicKey), { code: "network/unreachable" });
});

test("a handler of new connections that throws costs that connection, and the error is told", async (t) => {
  const create = await network(t);
  const [provider, buyer] = [await create(), await create()];
  const failure = Promise.withResolvers<unknown>();
  await provider.listen({
    onConnection: () => {
      throw new Error("a bug");
    },
    onFailure: failure.resolve,
  });
  const connection = await buyer.connect(provider.publicKey);
  assert.equal((await connection.closed).code, "network/handler-failed");
  assert.equal(((await failure.promise) as Error).message, "a bug");
});
