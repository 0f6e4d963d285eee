import assert from "node:assert/strict";
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { type TestContext, test } from "node:test";
import { encodeRtcDescription, type RtcDescription } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import NoiseSecretStream from "@hyperswarm/secret-stream";
import type { Connection } from "../connection.ts";
import { startLocalDht } from "../dht/localDht.ts";
import { Node } from "../dht/node.ts";
import { Mux } from "../mux.ts";
import type { ListenOptions } from "../reception.ts";
import { NoiseStream } from "../transport/noiseStream.ts";
import { peerProcess, RTC_CONFIG } from "../transport/testing.ts";
import { connectWebSocket } from "../transport/webSocketClient.ts";
import { openSignalling } from "./signalling.ts";
import { upgradeBy, upgradeToWebRtc } from "./upgrade.ts";
import type { WebRtcOptions } from "./webRtcDoor.ts";
import { WebRtcStream } from "./webRtcStream.ts";

const DOOR = { host: "127.0.0.1", port: 0 };
const SEED = new Uint8Array(32).fill(9);
const keyPair = NoiseSecretStream.keyPair(SEED);
const peers = await peerProcess();
const offerer = () => peers.peer(RTC_CONFIG);

/** A node and what connects to it by WebSocket, as a page does. */
async function visited(
  t: TestContext,
  { webRtc, ...listening }: Partial<ListenOptions> & { webRtc?: WebRtcOptions | undefined },
) {
  const dht = await startLocalDht();
  const node = await Node.create({ bootstrap: dht.bootstrap, host: "127.0.0.1", webSocket: DOOR, webRtc });
  t.after(async () => {
    await node.close();
    await dht.close();
  });
  const taken: Connection[] = [];
  await node.listen({ onConnection: (connection) => taken.push(connection), onFailure: () => {}, ...listening });
  const url = node.addresses.find((address) => address.startsWith("ws:"))!;
  return { taken, visit: () => connectWebSocket(url, node.publicKey, { seed: SEED }) };
}

/** The node's ends, which greet a little later than the others. */
function overWebRtc(taken: readonly Connection[], count: number): Promise<Connection[]> {
  return until(`${count} data channels`, () => {
    const ends = taken.filter(({ carrier }) => carrier === "webrtc");
    return ends.length === count && ends;
  });
}

const noPs = spawnSync("ps", ["-A"]).error !== undefined && "there is no ps to find the process with";

/** This process's own processes for WebRTC. */
function peerProcesses(): number[] {
  const lines = execFileSync("ps", ["-A", "-o", "pid=,ppid=,args="], { encoding: "utf8" }).split("\n");
  const own = lines.map((line) => /^\s*(\d+)\s+(\d+)\s.*peerMain/.exec(line)).filter((match) => match !== null);
  return own.flatMap(([, pid, parent]) => (Number(parent) === process.pid ? [Number(pid)] : []));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function talks(near: Connection, far: Connection): Promise<void> {
  const frame = { type: "refuse", regarding: "offer", id: 7, code: "a/b", message: "hello" } as const;
  const heard = new Promise((resolve) => far.onMessage(resolve));
  near.send(frame);
  assert.deepEqual(await heard, frame);
}

test("a connection leads to a data channel between the same two node keys, and goes on beside it", async (t) => {
  const { taken, visit } = await visited(t, { webRtc: DOOR });
  const connection = await visit();
  const upgraded = await upgradeBy(connection, { keyPair }, offerer());
  assert.deepEqual([upgraded.carrier, upgraded.remotePublicKey], ["webrtc", connection.remotePublicKey]);
  const [far] = (await overWebRtc(taken, 1)) as [Connection];
  assert.deepEqual([far.remotePublicKey, far.remoteHost], [taken[0]!.remotePublicKey, "127.0.0.1"]);
  assert.equal(far.handshakeHash, upgraded.handshakeHash);
  assert.notEqual(upgraded.handshakeHash, connection.handshakeHash);
  await talks(upgraded, far);
  await talks(connection, taken[0]!);
  await connection.close();
  await talks(far, upgraded);
  await upgraded.close("test/done", "Enough.");
  assert.equal((await far.closed).code, "test/done");
});

test("one UDP port serves many data channels at once", async (t) => {
  const port = 40_000 + (process.pid % 20_000);
  const { taken, visit } = await visited(t, { webRtc: { ...DOOR, port } });
  const upgraded = await Promise.all(
    Array.from({ length: 4 }, async () => upgradeBy(await visit(), { keyPair }, offerer())),
  );
  const ends = await overWebRtc(taken, 4);
  for (const near of upgraded) {
    await talks(near, ends.find(({ handshakeHash }) => handshakeHash === near.handshakeHash)!);
    await near.close();
  }
});

test("a node without WebRTC, without room, or that does not welcome the key, says no, and the connection goes on", async (t) => {
  let asked = 0;
  for (const options of [
    {},
    { webRtc: DOOR, maxConnections: 1 },
    // Of the two connections only the first is welcome.
    { webRtc: DOOR, admit: () => ++asked === 1 },
  ]) {
    const { taken, visit } = await visited(t, options);
    const connection = await visit();
    await assert.rejects(upgradeBy(connection, { keyPair }, offerer()), { code: "network/webrtc-failed" });
    await talks(connection, taken[0]!);
  }
});

test("whoever puts himself in the place of the other end is not taken for it: his key is another", async (t) => {
  const { taken, visit } = await visited(t, { webRtc: DOOR });
  const connection = await visit();
  const impostor = offerer();
  t.after(() => impostor.destroy());
  new NoiseStream("webrtc", false, new WebRtcStream(impostor), { keyPair: NoiseSecretStream.keyPair() }).on(
    "error",
    () => {},
  );
  const deceived = offerer();
  let offered: RtcDescription | undefined;
  const { offer, accept } = deceived;
  deceived.offer = async () => {
    offered = await offer.call(deceived);
    return offered;
  };
  // What came from the other end is replaced by what the impostor says.
  deceived.accept = async () => accept.call(deceived, await impostor.answer(offered!));
  await assert.rejects(upgradeBy(connection, { keyPair }, deceived), { code: "network/key-mismatch" });
  await talks(connection, taken[0]!);
});

test("a process for WebRTC that dies takes data channels with it and nothing else, and another takes its place", {
  skip: noPs,
}, async (t) => {
  const { taken, visit } = await visited(t, { webRtc: DOOR });
  const connection = await visit();
  const upgraded = await upgradeBy(connection, { keyPair }, offerer());
  const [far] = (await overWebRtc(taken, 1)) as [Connection];
  for (const pid of peerProcesses()) if (pid !== peers.pid) process.kill(pid, "SIGKILL");
  assert.equal((await far.closed).code, "network/closed");
  await talks(connection, taken[0]!);
  await talks(await upgradeBy(connection, { keyPair }, offerer()), (await overWebRtc(taken, 2))[1]!);
  await upgraded.close();
});

test("a process for WebRTC ends with its node, however that ends", async () => {
  const program = `
    const { PeerProcess } = await import(${JSON.stringify(import.meta.resolve("./peerProcess.ts"))});
    console.log((await PeerProcess.start()).pid);
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [said] = await once(parent.stdout, "data");
  assert.ok(isRunning(Number(said)));
  parent.kill("SIGKILL");
  await until("it has ended", () => !isRunning(Number(said)));
});

test("bytes that are no offer, and an answer that nobody asked for, end their own connection", async (t) => {
  const { visit } = await visited(t, { webRtc: DOOR });
  const silent = { onOffer() {}, onAnswer() {}, onRefusal() {}, onClosed() {} };
  for (const say of ["offer", "answer"] as const) {
    const connection = await visit();
    openSignalling(Mux.of(connection.stream), silent)![say](new Uint8Array([1, 2, 3]));
    assert.equal((await connection.closed).byPeer, true);
  }
  await (await visit()).close();
});

test("offers without end are refused after some", async (t) => {
  const { visit } = await visited(t, { webRtc: DOOR });
  const connection = await visit();
  const closed = Promise.withResolvers<void>();
  let answers = 0;
  const signals = openSignalling(Mux.of(connection.stream), {
    onOffer() {},
    onAnswer: () => void answers++,
    onRefusal() {},
    onClosed: closed.resolve,
  })!;
  const description = encodeRtcDescription({
    ufrag: "abcd",
    pwd: "a".repeat(24),
    fingerprint: `0x${"11".repeat(32)}`,
    candidates: [],
  });
  for (let i = 0; i < 20; i++) signals.offer(description);
  await closed.promise;
  assert.ok(answers <= 8, `${answers} offers were answered`);
});

test("an end without RTCPeerConnection says so", async (t) => {
  const { taken, visit } = await visited(t, { webRtc: DOOR });
  const connection = await visit();
  await assert.rejects(upgradeToWebRtc(connection, { keyPair }), { code: "network/webrtc-failed" });
  await talks(connection, taken[0]!);
});
