import assert from "node:assert/strict";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Hex } from "@demec/protocol";
import NoiseSecretStream from "@hyperswarm/secret-stream";
import type { Connection } from "../connection.ts";
import { listenTcp } from "../transport/tcp.ts";
import { connectWebSocket } from "../transport/webSocketClient.ts";
import { startLocalDht } from "./localDht.ts";
import { Node, type NodeOptions } from "./node.ts";

const DOOR = { host: "127.0.0.1", port: 0 };
const KEY = `0x${"11".repeat(32)}` as const;

/** Makes nodes on a fresh local DHT; all of it goes away with the test. */
async function network(t: TestContext) {
  const dht = await startLocalDht();
  const nodes: Node[] = [];
  t.after(async () => {
    await Promise.all(nodes.map((node) => node.close()));
    await dht.close();
  });
  return async (options: NodeOptions = {}, listen?: (connection: Connection) => void, maxConnections = 10) => {
    const node = await Node.create({ bootstrap: dht.bootstrap, host: "127.0.0.1", ...options });
    nodes.push(node);
    if (listen !== undefined) await node.listen({ onConnection: listen, onFailure: () => {}, maxConnections });
    return node;
  };
}

test("a node that listens for TCP is reached over TCP by its key alone, and one that does not over UDX", async (t) => {
  const create = await network(t);
  const accepted: Connection[] = [];
  const take = (connection: Connection) => accepted.push(connection);
  const [withTcp, without, buyer] = [await create({ tcp: DOOR }, take), await create({}, take), await create()];
  assert.match(withTcp.addresses.join(), /^tcp:\/\/127\.0\.0\.1:[0-9]+$/);
  for (const [provider, carrier] of [
    [withTcp, "tcp"],
    [without, "udx"],
  ] as const) {
    const connection = await buyer.connect(provider.publicKey);
    assert.equal(connection.carrier, carrier);
    assert.equal(connection.remotePublicKey, provider.publicKey);
    const other = accepted.at(-1)!;
    assert.deepEqual([other.carrier, other.remotePublicKey], [carrier, buyer.publicKey]);
    assert.equal(other.handshakeHash, connection.handshakeHash);
  }
});

test("where nobody is at the published address, or somebody else, UDX leads to the right node", async (t) => {
  const create = await network(t);
  const [provider, buyer] = [await create({}, () => {}), await create()];
  const closed = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => closed.once("listening", resolve));
  const { port } = closed.address() as { port: number };
  closed.close();
  const keyPair = NoiseSecretStream.keyPair();
  const impostor = await listenTcp(DOOR, {
    keyPair,
    admits: () => true,
    take: (stream) => stream.on("error", () => {}),
  });
  for (const address of [`tcp://127.0.0.1:${port}`, impostor.address]) {
    const connection = await buyer.connect(provider.publicKey, { addresses: [address] });
    assert.deepEqual([connection.carrier, connection.remotePublicKey], ["udx", provider.publicKey]);
  }
  await impostor.close();
});

test("a record that points into a private network leads nobody there who is not in one", async (t) => {
  const dht = await startLocalDht();
  t.after(() => dht.close());
  const buyer = await Node.create({ bootstrap: dht.bootstrap });
  t.after(() => buyer.close());
  let called = false;
  const internal = createServer(() => {
    called = true;
  }).listen(0, "127.0.0.1");
  t.after(() => internal.close());
  await new Promise((resolve) => internal.once("listening", resolve));
  const { port } = internal.address() as { port: number };
  await assert.rejects(buyer.connect(KEY, { addresses: [`tcp://127.0.0.1:${port}`], timeoutMs: 2000 }));
  assert.ok(!called);
});

test("a WebSocket leads to the same node, whose key it proves; another key is refused", async (t) => {
  const create = await network(t);
  const accepted = Promise.withResolvers<Connection>();
  const provider = await create({ webSocket: DOOR }, accepted.resolve);
  const url = provider.addresses[0]!;
  assert.match(url, /^ws:\/\/127\.0\.0\.1:[0-9]+\/$/);
  const connection = await connectWebSocket(url, provider.publicKey, { connection: { agent: "page" } });
  const other = await accepted.promise;
  assert.deepEqual([connection.carrier, other.carrier, other.remoteAgent], ["websocket", "websocket", "page"]);
  assert.equal(other.handshakeHash, connection.handshakeHash);
  await assert.rejects(connectWebSocket(url, KEY), { code: "network/key-mismatch" });
  await assert.rejects(connectWebSocket("no address", KEY), { code: "network/bad-address" });
  await assert.rejects(connectWebSocket("ws://127.0.0.1:9/", KEY), { code: "network/unreachable" });
  await connection.close();
});

test("every door counts towards the limit of connections, and has room again when one ends", async (t) => {
  const create = await network(t);
  const provider = await create({ tcp: DOOR, webSocket: DOOR }, () => {}, 1);
  const [tcp, url] = provider.addresses as [string, string];
  const buyer = await create();
  const first = await buyer.connect(provider.publicKey, { addresses: [tcp] });
  await assert.rejects(connectWebSocket(url, provider.publicKey), { code: "network/unreachable" });
  await assert.rejects(buyer.connect(provider.publicKey, { addresses: [tcp], timeoutMs: 500 }));
  await first.close();
  const second = await connectWebSocket(url, provider.publicKey);
  await second.close();
});

test("those who stop in the middle of a handshake take no place of those who greet", async (t) => {
  const create = await network(t);
  const provider = await create({ tcp: DOOR }, () => {}, 1);
  const [tcp] = provider.addresses as [string];
  const silent = Array.from({ length: 5 }, () => connect(Number(tcp.split(":").at(-1)), "127.0.0.1"));
  t.after(() => {
    for (const socket of silent) socket.destroy();
  });
  await Promise.all(silent.map((socket) => once(socket, "connect")));
  const buyer = await create();
  const connection = await buyer.connect(provider.publicKey, { addresses: [tcp] });
  assert.deepEqual([connection.carrier, connection.remoteHost], ["tcp", "127.0.0.1"]);
  await connection.close();
});

test("a stranger at a door who announces a long message before it has proved a key is cut off at the announcement", async (t) => {
  const create = await network(t);
  const provider = await create({ tcp: DOOR }, () => {});
  const port = Number(provider.addresses[0]!.split(":").at(-1));
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  const closed = new Promise((resolve) => socket.once("close", () => resolve("cut")));
  socket.write(Buffer.from([0xff, 0xff, 0xff, 1, 2, 3]));
  assert.equal(await Promise.race([closed, sleep(3_000, "still open", { ref: false })]), "cut");
});

test("a door that tells nobody where it is, or is taken, does not open, and nothing is left open", async (t) => {
  const create = await network(t);
  const listen = async (options: NodeOptions) => (await create(options)).listen({ onConnection: () => {} });
  await assert.rejects(listen({ tcp: { host: "0.0.0.0", port: 0 } }), { code: "network/bad-address" });
  await assert.rejects(listen({ webSocket: { host: "localhost", port: 0 } }), { code: "network/bad-address" });
  const provider = await create({ tcp: DOOR }, () => {});
  const port = Number(provider.addresses[0]!.split(":").at(-1));
  await assert.rejects(listen({ tcp: { host: "127.0.0.1", port } }), { code: "network/unreachable" });
});

test("a public address is told instead of the bound one", async (t) => {
  const create = await network(t);
  const provider = await create(
    { webSocket: { host: "0.0.0.0", port: 0, publicAddress: "wss://edge.example/" } },
    () => {},
  );
  assert.deepEqual(provider.addresses, ["wss://edge.example/"]);
});

test("a node that restarts with another port is found at the new one", async (t) => {
  const create = await network(t);
  const seed = new Uint8Array(32).fill(7);
  const first = await create({ seed, tcp: DOOR }, () => {});
  const key: Hex = first.publicKey;
  await first.close();
  await create({ seed, tcp: DOOR }, () => {});
  const connection = await (await create()).connect(key);
  assert.equal(connection.carrier, "tcp");
});
