import assert from "node:assert/strict";
import { after, test as runTest } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { type DecodedFrame, encodeFrame, MAX_FRAME_BYTES, readBatch, WIRE_VERSION } from "@demec/protocol";
import { bareRequest } from "@demec/protocol/testing";
import fc from "fast-check";
import { Connection } from "./connection.ts";
import type { CloseReason, ConnectionOptions, IncomingFrame, OutgoingFrame } from "./connectionTypes.ts";
import { toHex } from "./hex.ts";
import * as ends from "./testing.ts";
import { RawPeer } from "./testing.ts";
import type { Carrier } from "./transport/noiseStream.ts";
import * as streams from "./transport/testing.ts";

// Every property holds on every carrier: each test runs over all of them, one after the other.
let carrier: Carrier;
function test(title: string, body: () => Promise<void>): void {
  for (const each of streams.CARRIERS) {
    runTest(`${each}: ${title}`, () => {
      carrier = each;
      return body();
    });
  }
}
const noisePair = () => streams.noisePair(carrier);
const withRawPeer = (options: ConnectionOptions = {}) => ends.withRawPeer(options, carrier);
const connectionPair = (options: ConnectionOptions = {}) => ends.connectionPair(options, options, carrier);

const IN_TIME = { timeoutMs: 5000 };
const cancel = (callId: number): OutgoingFrame => ({ type: "session", handle: 1, message: { type: "cancel", callId } });
const invoke = (bytes: number): OutgoingFrame => ({
  type: "session",
  handle: 1,
  message: {
    type: "invoke",
    callId: 1,
    deadlineMs: 1000,
    request: bareRequest({
      input: new Uint8Array(bytes).fill(7),
      limits: { bitOps: 1n, floatOps: 1n, memoryPages: 1, outputBytes: 1 },
    }),
  },
});

function frames(connection: Connection, count: number): Promise<IncomingFrame[]> {
  return new Promise((resolve) => {
    const got: IncomingFrame[] = [];
    connection.onMessage((frame) => {
      got.push(frame);
      if (got.length === count) resolve(got);
    });
  });
}

function saidTo(peer: RawPeer): DecodedFrame[] {
  const said: DecodedFrame[] = [];
  for (const batch of peer.received) readBatch(batch, MAX_FRAME_BYTES, (frame) => said.push(frame));
  return said;
}

/** What an honest end is told after its peer sent `batch`, and what the connection's own end says. */
async function afterSending(batch: Uint8Array, options = {}): Promise<[mine: CloseReason, told: DecodedFrame]> {
  const [connection, peer] = await withRawPeer(options);
  peer.send(batch);
  const reason = await connection.closed;
  await connection.close();
  return [reason, saidTo(peer).at(-1)!];
}

test("both ends prove their keys and name the connection by the same hash, another for every connection", async () => {
  const [client, server] = await connectionPair({ agent: "me" });
  const [other, otherServer] = await connectionPair();
  assert.equal(client.handshakeHash, server.handshakeHash);
  assert.match(client.handshakeHash, /^0x[0-9a-f]{64}$/);
  assert.notEqual(client.handshakeHash, other.handshakeHash);
  assert.equal(client.remotePublicKey, toHex(server.stream.publicKey));
  assert.equal(server.remotePublicKey, toHex(client.stream.publicKey));
  assert.equal(server.remoteAgent, "me");
  await Promise.all([client.close(), other.close(), server.close(), otherServer.close()]);
});

test("frames arrive whole and in order, both ways, the ones before a handler is set included", async () => {
  const [client, server] = await connectionPair();
  const sent = Array.from({ length: 1000 }, (_, i) => cancel(i));
  for (const frame of sent) client.send(frame);
  for (const frame of sent) server.send(frame);
  await sleep(20);
  assert.deepEqual(await Promise.all([frames(server, 1000), frames(client, 1000)]), [sent, sent]);
  await Promise.all([client.close(), server.close()]);
});

test("what is sent in one turn of the event loop leaves as one packet batch", async () => {
  const [connection, peer] = await withRawPeer();
  await sleep(20);
  peer.received.length = 0;
  for (let i = 0; i < 200; i++) connection.send(cancel(i));
  await sleep(20);
  assert.equal(peer.received.length, 1);
  await connection.close();
});

test("a frame of the largest size that travels whole arrives in its place", async () => {
  const [client, server] = await connectionPair();
  const overhead = encodeFrame(invoke(100_000)).length - 100_000;
  const largest = invoke(MAX_FRAME_BYTES - overhead);
  client.send(cancel(2));
  client.send(largest);
  client.send(cancel(3));
  assert.deepEqual(await frames(server, 3), [cancel(2), largest, cancel(3)]);
  await Promise.all([client.close(), server.close()]);
});

test("a frame above the limit is refused to its sender, and nothing of it is sent", async () => {
  const [client, server] = await connectionPair({ maxMessageBytes: 100_000 });
  assert.throws(() => client.send(invoke(100_000)), { code: "protocol/frame-too-large" });
  client.send(cancel(1));
  assert.deepEqual(await frames(server, 1), [cancel(1)]);
  await Promise.all([client.close(), server.close()]);
});

test("the round trip is measured and the connection stays up while nothing else is said", async () => {
  const [client, server] = await connectionPair({ heartbeatMs: 20, deadAfterMs: 60 });
  await sleep(300);
  assert.ok(!client.isClosed && !server.isClosed);
  assert.ok(client.rttMs! > 0 && server.rttMs! > 0);
  await Promise.all([client.close(), server.close()]);
});

test("a peer that falls silent is given up after the stated time", async () => {
  const [connection, peer] = await withRawPeer({ heartbeatMs: 20, deadAfterMs: 100 });
  const reason = await connection.closed;
  assert.equal(reason.code, "network/peer-silent");
  peer.stream.destroy();
});

test("a silent peer is suspected only while somebody waits for it, well before it is given up, and cleared when it speaks", async () => {
  const [connection, peer] = await withRawPeer({
    heartbeatMs: 400,
    deadAfterMs: 60_000,
    watchMs: 20,
    suspectAfterMs: 60,
  });
  let suspicions = 0;
  connection.onSuspicion(() => suspicions++);
  await sleep(150);
  assert.deepEqual([suspicions, connection.isSuspected], [0, false]);
  connection.watch(true);
  await sleep(250);
  assert.deepEqual([suspicions, connection.isSuspected], [1, true]);
  peer.sendFrame(cancel(1));
  await sleep(30);
  assert.equal(connection.isSuspected, false);
  connection.watch(false);
  await sleep(150);
  assert.deepEqual([suspicions, connection.isClosed], [1, false]);
  peer.stream.destroy();
  await connection.closed;
});

test("a watch that ends and begins over and over still notices silence", async () => {
  const [connection, peer] = await withRawPeer({
    heartbeatMs: 10_000,
    deadAfterMs: 60_000,
    watchMs: 20,
    suspectAfterMs: 60,
  });
  for (let i = 0; i < 200 && !connection.isSuspected; i++) {
    connection.watch(i % 2 === 0);
    await sleep(3);
  }
  assert.ok(connection.isSuspected);
  peer.stream.destroy();
  await connection.closed;
});

test("a peer whose large message is still on its way is not given up, though it answers no ping", async () => {
  const [connection, peer] = await withRawPeer({ heartbeatMs: 20, deadAfterMs: 100 });
  const socket = peer.stream.rawStream;
  socket.write(Buffer.from([0, 0, 1]));
  for (let i = 0; i < 20; i++) {
    await sleep(20);
    socket.write(Buffer.from([i]));
  }
  assert.ok(!connection.isClosed);
  assert.equal((await connection.closed).code, "network/peer-silent");
  peer.stream.destroy();
});

test("another key than the one asked for is refused", async () => {
  const [client, server] = await noisePair();
  const served = Connection.open(server, {}, { timeoutMs: 500 }).catch((error) => error);
  await assert.rejects(Connection.open(client, {}, IN_TIME, `0x${"11".repeat(32)}`), { code: "network/key-mismatch" });
  assert.equal((await served).code, "network/unreachable");
});

test("another version is refused, and the other end is told why", async () => {
  const [client, server] = await noisePair();
  const peer = new RawPeer(client, { type: "hello", version: WIRE_VERSION + 1, agent: "later" });
  await assert.rejects(Connection.open(server, {}, IN_TIME), { code: "network/version-mismatch" });
  await sleep(20);
  const told = saidTo(peer).at(-1);
  assert.ok(told?.type === "goodbye" && told.code === "network/version-mismatch");
});

test("an end that is told of another version says so", async () => {
  const [client, server] = await noisePair();
  const [opening, peer] = [Connection.open(server, {}, IN_TIME), client];
  const raw = new RawPeer(peer, { type: "goodbye", code: "network/version-mismatch", message: "Too old." });
  await assert.rejects(opening, { code: "network/version-mismatch" });
  raw.stream.destroy();
});

test("a peer that never greets is given up in time", async () => {
  const [client, server] = await noisePair();
  await assert.rejects(Connection.open(server, {}, { timeoutMs: 50 }), { code: "network/timeout" });
  await assert.rejects(Connection.open((await noisePair())[0], {}, { timeoutMs: 5000, signal: AbortSignal.abort() }), {
    code: "network/aborted",
  });
  client.destroy();
});

test("malformed bytes, oversized frames and frames out of order end the connection with a code that the peer is told", async () => {
  const cases: [batch: Uint8Array, code: string][] = [
    [Uint8Array.of(), "protocol/malformed"],
    [Uint8Array.of(0), "protocol/malformed"],
    [Uint8Array.of(5, 0x02), "protocol/malformed"],
    [Uint8Array.of(3, 0x02, 1, 1), "protocol/malformed"],
    [Uint8Array.of(3, 0x01, WIRE_VERSION, 0), "protocol/malformed"],
    [Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0x7f), "protocol/frame-too-large"],
    [Uint8Array.of(0xfe, 1, 0, 1, 0, ...new Uint8Array(65_537)), "protocol/frame-too-large"],
  ];
  for (const [batch, code] of cases) {
    const [mine, told] = await afterSending(batch);
    assert.equal(mine.code, code);
    assert.equal(mine.byPeer, false);
    assert.ok(told.type === "goodbye" && told.code === code);
  }
});

test("a message of an unknown type is answered once with unsupported, and the connection goes on", async () => {
  const [connection, peer] = await withRawPeer();
  for (let i = 0; i < 3; i++) peer.send(Uint8Array.of(4, 0x7f, 1, 2, 3));
  peer.sendFrame(cancel(1));
  assert.deepEqual(await frames(connection, 1), [cancel(1)]);
  await sleep(20);
  const answers = saidTo(peer).filter(({ type }) => type === "unsupported");
  assert.deepEqual(answers, [{ type: "unsupported", messageType: 0x7f }]);
  await connection.close();
});

test("random bytes on any layer end that connection at most: the process and its other connections live on", async () => {
  const crashes: unknown[] = [];
  const note = (error: unknown) => crashes.push(error);
  process.on("uncaughtException", note);
  after(() => process.off("uncaughtException", note));
  const [client, server] = await connectionPair();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.uint8Array({ maxLength: 60 }), { minLength: 1, maxLength: 20 }),
      fc.boolean(),
      async (junk, inChannel) => {
        const [connection, peer] = await withRawPeer();
        connection.onMessage(() => {});
        for (const bytes of junk) {
          if (inChannel) peer.send(bytes);
          else peer.stream.write(Buffer.from(bytes));
        }
        peer.stream.end();
        await connection.closed;
      },
    ),
    // libdatachannel takes 60 ms to find the way.
    { numRuns: carrier === "webrtc" ? 50 : 300 },
  );
  client.send(cancel(1));
  assert.deepEqual(await frames(server, 1), [cancel(1)]);
  assert.deepEqual(crashes, []);
  await Promise.all([client.close(), server.close()]);
});

test("a handler that throws ends its own connection with a code, and hides no cause", async () => {
  for (const fails of [
    () => {
      throw new Error("a bug");
    },
    () => Promise.reject(new Error("a bug")),
  ]) {
    const [client, server] = await connectionPair();
    server.onMessage(fails);
    client.send(cancel(1));
    const [told, mine] = await Promise.all([client.closed, server.closed]);
    assert.deepEqual(
      [told.code, told.byPeer, mine.code, mine.byPeer],
      ["network/handler-failed", true, "network/handler-failed", false],
    );
    assert.equal((mine.cause as Error).message, "a bug");
    assert.ok(!told.message.includes("a bug"));
  }
});

test("a goodbye comes after all that was sent before it", async () => {
  const [client, server] = await connectionPair();
  const got: IncomingFrame[] = [];
  server.onMessage((frame) => {
    got.push(frame);
  });
  for (let i = 0; i < 20; i++) client.send(invoke(60_000));
  const closing = client.close("test/done", "Enough.");
  assert.deepEqual(await server.closed, { code: "test/done", message: "Enough.", byPeer: true });
  assert.equal(got.length, 20);
  await closing;
});

test("a peer that does not read makes send advise to wait, and at last costs it the connection, not our memory", async () => {
  const [connection, peer] = await withRawPeer({ maxQueuedBytes: 8_000_000 });
  peer.stream.pause();
  let advised = false;
  let sent = 0;
  for (; !connection.isClosed && sent < 4000; sent++) {
    if (!connection.send(invoke(60_000))) advised = true;
    if (sent % 4 === 3) await sleep(0);
  }
  assert.ok(advised);
  assert.equal((await connection.closed).code, "network/overrun");
  await connection.drained();
  assert.equal(connection.send(cancel(1)), false);
  peer.stream.destroy();
});

test("a flood before anybody takes a message ends the connection", async () => {
  const [connection, peer] = await withRawPeer();
  for (let i = 0; i < 1100; i++) peer.sendFrame(cancel(i));
  assert.equal((await connection.closed).code, "network/overrun");
});

test("an end that vanishes without a goodbye is told as such", async () => {
  const [client, server] = await connectionPair();
  client.stream.destroy();
  const reason = await server.closed;
  assert.deepEqual([reason.code, reason.byPeer], ["network/closed", true]);
});
