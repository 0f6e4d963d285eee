import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { type Connection, Node, providerTopics, regionTopic, serviceTopic } from "@demec/network";
import { asHostilePeer } from "@demec/network/testing";
import type { SessionFrame } from "@demec/protocol";
import { bareRequest } from "@demec/protocol/testing";
import { JsonProcess } from "../scripts/local/jsonProcess.ts";
import type { PeerRole } from "./support/networkPeer.ts";

// Real processes over a local DHT: a DHT, providers, a publisher, a fetcher; this process is the buyer.

const SERVICE = `eip155:31337/erc1155:0x${"12".repeat(20)}/42`;
const EMPTY_SERVICE = `eip155:31337/erc1155:0x${"12".repeat(20)}/43`;

type Bootstrap = { host: string; port: number }[];
let dht: JsonProcess;
let bootstrap: Bootstrap;
let buyer: Node;

before(async () => {
  dht = new JsonProcess("packages/network/src/dht/localDhtMain.ts");
  bootstrap = await dht.next<Bootstrap>("bootstrap");
  buyer = await Node.create({ bootstrap, host: "127.0.0.1", connection: { heartbeatMs: 100, deadAfterMs: 300 } });
});
after(async () => {
  await buyer.close();
  assert.equal(await dht.kill("SIGTERM"), 0, "the local DHT ends by SIGTERM, cleanly");
});

function peer(t: TestContext, role: Omit<PeerRole, "bootstrap">): JsonProcess {
  const process = new JsonProcess("test/support/networkPeer.ts", [JSON.stringify({ ...role, bootstrap })]);
  t.after(() => process.kill("SIGKILL"));
  return process;
}

const topicsIn = (region: string) => providerTopics(SERVICE, region).map((topic) => Buffer.from(topic).toString("hex"));

async function found(topic: Uint8Array): Promise<string[]> {
  const keys: string[] = [];
  for await (const { publicKey } of buyer.lookup(topic)) keys.push(publicKey);
  return keys.sort();
}

function call(callId: number, bytes = 256): SessionFrame {
  const request = bareRequest({
    input: new Uint8Array(bytes).fill(callId & 255),
    limits: { bitOps: 1_000_000n, floatOps: 0n, memoryPages: 16, outputBytes: 4096 },
  });
  return { type: "session", handle: 1, message: { type: "invoke", callId, request, deadlineMs: 1000 } };
}

/** Sends calls as fast as the connection takes them and waits for every echo. @returns echoes in order of arrival */
function echoAll(connection: Connection, count: number, bytes = 256): Promise<SessionFrame[]> {
  return new Promise((resolve, reject) => {
    const echoes: SessionFrame[] = [];
    connection.onMessage((frame) => {
      if (frame.type === "session" && echoes.push(frame) === count) resolve(echoes);
    });
    connection.closed.then(({ message }) => reject(new Error(message)));
    connection.onStreams({ mayCome: () => true });
    const send = async () => {
      for (let i = 0; i < count; i++) if (!connection.send(call(i, bytes))) await connection.drained();
    };
    send().catch(reject);
  });
}

test("providers are found by their service and by each prefix of their region, and the one asked for is reached", async (t) => {
  const frankfurt = peer(t, { agent: "fra", topics: topicsIn("eu-de-fra") });
  const paris = peer(t, { agent: "par", topics: topicsIn("eu-fr-par") });
  const fra = await frankfurt.next<`0x${string}`>("publicKey");
  const par = await paris.next<`0x${string}`>("publicKey");
  assert.deepEqual(await found(serviceTopic(SERVICE)), [fra, par].sort());
  assert.deepEqual(await found(regionTopic(SERVICE, "eu")), [fra, par].sort());
  assert.deepEqual(await found(regionTopic(SERVICE, "eu-de")), [fra]);
  assert.deepEqual(await found(regionTopic(SERVICE, "eu-fr-par")), [par]);
  assert.deepEqual(await found(regionTopic(SERVICE, "us")), []);
  assert.deepEqual(await found(serviceTopic(EMPTY_SERVICE)), []);
  for (const [key, agent] of [
    [fra, "fra"],
    [par, "par"],
  ] as const) {
    const connection = await buyer.connect(key);
    assert.equal(connection.remotePublicKey, key);
    assert.equal(connection.remoteAgent, agent);
    await connection.close();
  }
  assert.equal(await frankfurt.end(), 0, "a peer ends by itself once its node is closed");
});

test("10,000 pipelined calls of 256 bytes come back, each once, in order", async (t) => {
  const provider = peer(t, {});
  const connection = await buyer.connect(await provider.next("publicKey"));
  await echoAll(connection, 1000);
  const cpuBefore = process.cpuUsage();
  const started = performance.now();
  const echoes = await echoAll(connection, 10_000);
  const seconds = (performance.now() - started) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  t.diagnostic(`${(10_000 / seconds).toFixed(0)} echoes/s, ${((user + system) / 10_000).toFixed(1)} µs CPU each here`);
  for (const [i, echo] of echoes.entries()) assert.deepEqual(echo, call(i));
  await connection.close();
});

test("calls of a megabyte come back whole", async (t) => {
  const provider = peer(t, {});
  const connection = await buyer.connect(await provider.next("publicKey"));
  const echoes = await echoAll(connection, 5, 1_000_000);
  for (const [i, echo] of echoes.entries()) assert.deepEqual(echo, call(i, 1_000_000));
  await connection.close();
});

test("a provider that was killed is noticed by its missing heartbeat", async (t) => {
  const provider = peer(t, {});
  const connection = await buyer.connect(await provider.next("publicKey"));
  await echoAll(connection, 10);
  const killed = performance.now();
  await provider.kill("SIGKILL");
  const { code } = await connection.closed;
  t.diagnostic(`noticed after ${(performance.now() - killed).toFixed(0)} ms`);
  assert.ok(["network/peer-silent", "network/closed"].includes(code), code);
});

test("malformed and oversized frames end only the connection they came on; the provider lives on", async (t) => {
  const provider = peer(t, {});
  const key = await provider.next<`0x${string}`>("publicKey");
  const honest = await buyer.connect(key);
  const oversized = Buffer.concat([Buffer.from([0xfe, 0x01, 0x00, 0x01, 0x00]), new Uint8Array(65_537)]);
  for (const [batch, code] of [
    [Uint8Array.of(4, 0x40, 1, 2, 3), "protocol/malformed"],
    [oversized, "protocol/frame-too-large"],
  ] as const) {
    await asHostilePeer(bootstrap, key, (hostile) => hostile.send(batch));
    assert.equal((await provider.next<{ code: string }>("closed")).code, code);
  }
  assert.throws(() => honest.send(call(1, 2 ** 24)), { code: "protocol/frame-too-large" });
  assert.equal((await echoAll(honest, 100)).length, 100);
  await honest.close();
});

test("a module of 500 kB is fetched by hash from its publisher's core by a third process; a wrong hash is refused", async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "demec-network-"));
  t.after(() => rm(folder, { recursive: true, force: true }));
  const publisher = peer(t, { store: join(folder, "publisher"), publishBytes: 500_000 });
  const { coreKey, sha256 } = await publisher.next<{ coreKey: `0x${string}`; sha256: `0x${string}` }>("published");

  const limits = { maxBytes: 1_000_000, timeoutMs: 10_000 };
  const fetcher = peer(t, { store: join(folder, "fetcher"), fetch: { coreKey, sha256, ...limits } });
  assert.equal(await fetcher.next("fetched"), 500_000);
  assert.equal(await fetcher.end(), 0, "a fetcher ends by itself");

  const wrong = peer(t, {
    store: join(folder, "wrong"),
    fetch: { coreKey, sha256: `0x${"00".repeat(32)}`, ...limits },
  });
  assert.equal(await wrong.next("error"), "network/content-hash-mismatch");
  assert.equal(await publisher.end(), 0);
});
