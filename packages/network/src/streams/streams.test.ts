import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type AnnouncedFrame,
  encodeFrame,
  FRAGMENT_BYTES,
  type Frame,
  isDemecError,
  MAX_FRAME_STREAMS,
  STREAM_WINDOW_BYTES,
  StreamHash,
  type StreamMessage,
} from "@demec/protocol";
import { bareRequest, until } from "@demec/protocol/testing";
import fc from "fast-check";
import type { Connection } from "../connection.ts";
import type { IncomingFrame, OutgoingFrame } from "../connectionTypes.ts";
import { connectionPair, type RawPeer, withRawPeer } from "../testing.ts";
import type { OutputSink } from "./incoming.ts";
import { PayloadStreams } from "./payloadStreams.ts";

const MIB = 1 << 20;
const TAKE_ALL = { mayCome: () => true };
const limits = { bitOps: 1n, floatOps: 1n, memoryPages: 1, outputBytes: 1 };

function invoke(callId: number, bytes: number): OutgoingFrame {
  const input = new Uint8Array(bytes).map((_, i) => (i * 31 + callId) >> 3);
  const message = { type: "invoke", callId, deadlineMs: 1000, request: bareRequest({ input, limits }) } as const;
  return { type: "session", handle: 1, message };
}
const ack = (callId: number): OutgoingFrame => ({
  type: "session",
  handle: 1,
  message: { type: "ack", callId, latencyMs: 1, pingMs: 1, breached: false },
});
const cancel = (callId: number): OutgoingFrame => ({ type: "session", handle: 1, message: { type: "cancel", callId } });

function collect(connection: Connection): { got: IncomingFrame[]; arrived(count: number): Promise<void> } {
  const got: IncomingFrame[] = [];
  let wake = () => {};
  connection.onMessage((frame) => {
    got.push(frame);
    wake();
  });
  const next = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  return {
    got,
    arrived: async (count) => {
      while (got.length < count) await next();
    },
  };
}

async function pair(): Promise<[Connection, Connection]> {
  const [client, server] = await connectionPair();
  for (const end of [client, server]) end.onStreams(TAKE_ALL);
  return [client, server];
}

const close = (...ends: Connection[]) => Promise.all(ends.map((end) => end.close()));

test("frames far above the largest one arrive whole, more of them than travel at once", async () => {
  const [client, server] = await pair();
  const { got, arrived } = collect(server);
  const sent = Array.from({ length: 2 * MAX_FRAME_STREAMS + 1 }, (_, i) => invoke(i, MIB + i * 1000));
  for (const frame of sent) client.send(frame);
  await arrived(sent.length);
  const byCall = (frame: Frame | IncomingFrame) => (frame as { message: { callId: number } }).message.callId;
  assert.deepEqual(
    got.sort((a, b) => byCall(a) - byCall(b)),
    sent,
  );
  await close(client, server);
});

test("small frames go between the fragments of a large one, in both directions of a connection", async () => {
  const [client, server] = await pair();
  const { got, arrived } = collect(server);
  client.send(invoke(1, 15 * MIB));
  for (let i = 2; i < 12; i++) {
    client.send(ack(i));
    await arrived(i - 1);
  }
  assert.ok(
    got.every((frame) => frame.type === "session" && frame.message.type === "ack"),
    "each small frame overtook the large one",
  );
  await arrived(11);
  await close(client, server);
});

test("what nobody lets in is refused before a byte of it is held, its sender is told, and the connection goes on", async () => {
  const [client, server] = await connectionPair();
  const { got, arrived } = collect(server);
  const asked: AnnouncedFrame[] = [];
  const told: string[] = [];
  server.onStreams({ mayCome: (announced) => asked.push(announced) === 0 });
  client.onStreams({ mayCome: () => false, refused: (_, code) => told.push(code) });
  const before = process.memoryUsage().arrayBuffers;
  client.send(invoke(7, 100_000));
  await until("the sender is told", () => told.length > 0);
  assert.ok(process.memoryUsage().arrayBuffers - before < 4 * MIB);
  const [announced] = asked;
  const messageBytes = encodeFrame(invoke(7, 100_000)).length;
  const call = { handle: 1, callId: 7, deadlineMs: 1000, limits, inputBytes: 100_000 };
  assert.deepEqual(announced, { kind: "invoke", ...call, messageBytes });
  assert.deepEqual(told, ["network/stream-refused"]);
  client.send(ack(8));
  await arrived(1);
  assert.deepEqual(got, [ack(8)]);
  await close(client, server);
});

test("a cancelled call stops its upload at once and frees what was held of it", async () => {
  const [client, server] = await pair();
  const { got, arrived } = collect(server);
  client.send(invoke(1, 15 * MIB));
  await sleep(1);
  client.send(cancel(1));
  client.send(invoke(2, MIB));
  await arrived(2);
  assert.deepEqual(got, [cancel(1), invoke(2, MIB)]);
  await close(client, server);
});

test("the sender hears that a frame was taken, and the receiver when it was announced", async () => {
  const [client, server] = await pair();
  const sentMs = performance.now();
  const taken = new Promise((resolve) => client.onStreams({ ...TAKE_ALL, taken: resolve }));
  const announced = new Promise<number | undefined>((resolve) =>
    server.onMessage((_, announcedMs) => resolve(announcedMs)),
  );
  client.send(invoke(3, 8 * MIB));
  const announcedMs = (await announced)!;
  assert.ok(announcedMs >= sentMs && announcedMs <= performance.now());
  assert.equal(((await taken) as { callId: number }).callId, 3);
  await close(client, server);
});

test("an output arrives as it is written; who consumes nothing holds its writer back, and nobody else", async () => {
  const [client, server] = await pair();
  const written: number[] = [];
  let consumed: (bytes: number) => void = () => {};
  const ended = new Promise<[number, Uint8Array]>((resolve, reject) => {
    const sink: OutputSink = {
      write: (bytes) => void written.push(bytes.length),
      end: (bytes, hash) => resolve([bytes, hash]),
      abort: reject,
    };
    client.onStreams({
      ...TAKE_ALL,
      outputOf: (_, credit) => {
        consumed = credit;
        return sink;
      },
    });
  });
  const { arrived } = collect(client);
  const output = server.openOutput(1, 5);
  const chunk = new Uint8Array(100_000).fill(9);
  let left = 0;
  const writing = (async () => {
    for (let i = 0; i < 20; i++) {
      await output.write(chunk);
      left += chunk.length;
    }
    output.end();
  })();
  await sleep(100);
  assert.ok(left <= STREAM_WINDOW_BYTES && left > STREAM_WINDOW_BYTES - 2 * chunk.length);
  server.send(ack(1));
  await arrived(1);
  const sum = () => written.reduce((total, bytes) => total + bytes, 0);
  for (let given = 0; given < 20 * chunk.length; await sleep(1)) {
    const bytes = sum() - given;
    if (bytes > 0) consumed(bytes);
    given += bytes;
  }
  await writing;
  const hash = new StreamHash();
  for (let i = 0; i < 20; i++) hash.update(chunk);
  assert.deepEqual(await ended, [20 * chunk.length, hash.digest()]);
  await close(client, server);
});

test("an output that is refused, or whose connection ends, fails for its writer", async () => {
  const [client, server] = await pair();
  const refused = server.openOutput(1, 1);
  await refused.write(new Uint8Array(10));
  await until("it fails", () => refused.write(new Uint8Array(10)).catch(({ code }) => code));
  let aborted = false;
  const abort = () => {
    aborted = true;
  };
  const sink = { write() {}, end() {}, abort };
  client.onStreams({ ...TAKE_ALL, outputOf: () => sink });
  const lost = server.openOutput(1, 2);
  const writing = lost.write(new Uint8Array(4 * STREAM_WINDOW_BYTES));
  await sleep(20);
  await Promise.all([assert.rejects(writing, { code: "network/stream-refused" }), close(client, server)]);
  assert.ok(aborted);
});

const open = (streamId: number, bytes: number): Frame => ({
  type: "streamOpen",
  streamId,
  content: { kind: "invoke", handle: 1, callId: 1, deadlineMs: 1, limits, inputBytes: bytes, messageBytes: bytes },
});
const data = (streamId: number, length: number): Frame => ({
  type: "streamData",
  streamId,
  bytes: new Uint8Array(length),
});
const end = (streamId: number, sent: Uint8Array): Frame => {
  const hash = new StreamHash();
  hash.update(sent);
  return { type: "streamEnd", streamId, hash: hash.digest() };
};
/** A batch of one frame, however large. */
function batchOf(frame: Frame): Uint8Array {
  const bytes = encodeFrame(frame);
  return bytes.length < 0xfd
    ? Uint8Array.of(bytes.length, ...bytes)
    : Uint8Array.of(0xfd, bytes.length & 255, bytes.length >> 8, ...bytes);
}

test("a peer that breaks the rules of streams loses its connection, whatever it has sent", async () => {
  const cut = encodeFrame(invoke(1, 1000));
  const cases: Record<string, Frame[]> = {
    "more than was announced": [open(1, 1000), data(1, 1001)],
    "less than was announced": [open(1, 1000), data(1, 999), end(1, new Uint8Array(999))],
    "another hash": [open(1, 10), data(1, 10), end(1, new Uint8Array(9))],
    "bytes that are no frame": [open(1, 10), data(1, 10), end(1, new Uint8Array(10))],
    "a frame other than announced": [open(1, cut.length), { type: "streamData", streamId: 1, bytes: cut }, end(1, cut)],
    "a number twice": [open(2, 10), open(2, 10)],
    "a number of before": [open(2, 10), open(1, 10)],
    "more at once than agreed": Array.from({ length: MAX_FRAME_STREAMS + 1 }, (_, i) => open(i + 1, 10)),
    "data of no stream": [data(1, 1)],
  };
  for (const [name, frames] of Object.entries(cases)) {
    const [connection, peer] = await withRawPeer();
    connection.onStreams(TAKE_ALL);
    for (const frame of frames) peer.send(batchOf(frame));
    assert.equal((await connection.closed).code, "protocol/malformed", name);
    peer.stream.destroy();
  }
});

test("bytes beyond the window end the connection of who sends them", async () => {
  const [connection, peer] = await withRawPeer();
  const sink = { write() {}, end() {}, abort() {} };
  connection.onStreams({ ...TAKE_ALL, outputOf: () => sink });
  peer.send(batchOf({ type: "streamOpen", streamId: 1, content: { kind: "output", handle: 1, callId: 1 } }));
  flood(peer, STREAM_WINDOW_BYTES);
  await sleep(20);
  assert.ok(!connection.isClosed);
  peer.send(batchOf(data(1, 1)));
  assert.equal((await connection.closed).code, "protocol/malformed");
  peer.stream.destroy();
});

test("a stranger whose streams are refused may send what was on its way, and no more", async () => {
  const [connection, peer] = await withRawPeer();
  peer.send(batchOf(open(1, MIB)));
  flood(peer, STREAM_WINDOW_BYTES);
  await sleep(20);
  assert.ok(!connection.isClosed);
  peer.send(batchOf(data(1, 1)));
  assert.equal((await connection.closed).code, "protocol/malformed");
  peer.stream.destroy();
});

function flood(peer: RawPeer, bytes: number): void {
  for (let left = bytes; left > 0; left -= FRAGMENT_BYTES) peer.send(batchOf(data(1, Math.min(left, FRAGMENT_BYTES))));
}

test("whatever a peer says of streams, in whatever order, is taken or refused as malformed", () => {
  const kinds = fc.constantFrom<StreamMessage["type"]>(
    ...([
      "streamOpen",
      "streamData",
      "streamEnd",
      "streamAbort",
      "streamCredit",
      "streamTaken",
      "streamRefuse",
    ] as const),
  );
  const step = fc.record({ type: kinds, streamId: fc.integer({ min: 1, max: 12 }), bytes: fc.nat(2000) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const streams = new PayloadStreams({ push() {}, drained: () => Promise.resolve() }, 1 << 20, () => {});
      const sink = { write() {}, end() {}, abort() {} };
      streams.handler = {
        mayCome: ({ messageBytes }) => messageBytes % 2 === 0,
        outputOf: ({ callId }) => (callId % 2 === 0 ? sink : null),
      };
      try {
        for (const { type, streamId, bytes } of steps) streams.receive(messageOf(type, streamId, bytes));
      } catch (error) {
        assert.ok(isDemecError(error, "protocol/malformed"), String(error));
      }
      streams.close();
    }),
    { numRuns: 3000 },
  );
});

function messageOf(type: StreamMessage["type"], streamId: number, bytes: number): StreamMessage {
  switch (type) {
    case "streamOpen":
      return bytes % 3 === 0
        ? { type, streamId, content: { kind: "output", handle: 1, callId: bytes } }
        : { type, streamId, content: { kind: "result", handle: 1, callId: bytes, messageBytes: bytes } };
    case "streamData":
      return { type, streamId, bytes: new Uint8Array(bytes) };
    case "streamEnd":
      return { type, streamId, hash: new Uint8Array(32).fill(bytes) };
    case "streamCredit":
      return { type, streamId, bytes };
    case "streamRefuse":
      return { type, streamId, code: "x" };
    default:
      return { type, streamId };
  }
}
