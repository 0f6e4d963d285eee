// Writes test/vectors/wire.json and guide.json, the golden vectors of the wire format. Run it only when a new message is added: the
// bytes of a message that exists never change within one WIRE_VERSION.

import { writeFileSync } from "node:fs";
import {
  encodeFrame,
  encodeGuideMessage,
  type Frame,
  type GuideMessage,
  type SessionMessage,
  WIRE_VERSION,
} from "@demec/protocol";
import { bareRequest } from "@demec/protocol/testing";

const hash = (byte: string) => `0x${byte.repeat(32)}` as const;
const address = (byte: string) => `0x${byte.repeat(20)}` as const;
const signature = (byte: string) => `0x${byte.repeat(65)}` as const;
const state = {
  sessionId: hash("a1"),
  seq: 3n,
  creditsUsed: 123_456_789_012_345_678_901n,
  invocations: 1000n,
  breaches: 2n,
  receiptsRoot: hash("b2"),
  isFinal: false,
};
const newest = {
  full: { state, operatorSig: signature("01"), sessionKeySig: signature("02") },
  half: {
    state: { ...state, seq: 4n, isFinal: true },
    operatorSig: signature("03"),
    sessionKeySig: null,
    receipts: [new Uint8Array(104).fill(4)],
  },
};
const limits = { bitOps: 2n ** 63n + 1n, floatOps: 1_000_000n, memoryPages: 256, outputBytes: 65_536 };
const plain = bareRequest({ input: new Uint8Array([1, 2, 3]), limits });
const full = {
  ...plain,
  shape: "command",
  args: ["--größe", "7"],
  env: [["LANG", "C.UTF-8"]],
  files: [
    { path: "data/größe.csv", bytes: new Uint8Array([10, 11]) },
    { path: "empty", bytes: new Uint8Array() },
  ],
  envSalt: new Uint8Array(32).fill(5),
  clockNs: 1_700_000_000_000_000_000n,
  seed: new Uint8Array(32).fill(6),
} as const;

const content = { coreKey: hash("c0"), sha256: hash("c1"), length: 20_000_000 };

const messages: SessionMessage[] = [
  { type: "invoke", callId: 1, request: plain, deadlineMs: 1000 },
  { type: "invoke", callId: 2 ** 40, request: full, deadlineMs: 2 ** 32 - 1 },
  { type: "invoke", callId: 3, request: { ...full, args: [], files: [] }, deadlineMs: 1000, streamed: true },
  {
    type: "invoke",
    callId: 3,
    request: {
      ...plain,
      input: new Uint8Array(),
      byContent: { input: content, module: { ...content, length: 2 }, output: true },
    },
    deadlineMs: 1000,
  },
  {
    type: "invoke",
    callId: 4,
    request: { ...full, byContent: { module: content } },
    deadlineMs: 1000,
    streamed: true,
  },
  {
    type: "result",
    callId: 3,
    status: 11,
    exitCode: 7,
    output: new Uint8Array(),
    stderr: new Uint8Array([1]),
    bitOps: 1n,
    floatOps: 2n,
    durationMs: 3,
    outputContent: content,
  },
  { type: "cancel", callId: 252 },
  {
    type: "result",
    callId: 253,
    status: 0,
    exitCode: 0,
    output: new Uint8Array([9, 8, 7]),
    stderr: new Uint8Array(),
    bitOps: 5000n,
    floatOps: 0n,
    durationMs: 3,
  },
  {
    type: "result",
    callId: 254,
    status: 11,
    exitCode: 7,
    output: new Uint8Array(),
    stderr: new Uint8Array([6]),
    bitOps: 5000n,
    floatOps: 1n,
    durationMs: 3,
    streamed: { inputBytes: 70_000, stdoutBytes: 300, stdoutHash: new Uint8Array(32).fill(11) },
  },
  { type: "fault", callId: 65_536, code: "wasm/overloaded", message: "Queue is full.", breach: true },
  { type: "ack", callId: 65_535, latencyMs: 12, pingMs: 1, breached: false },
  { type: "propose", state, operatorSig: signature("07"), callIds: [1, 300, 70_000], faultIds: [2] },
  { type: "accept", seq: 3n, sessionKeySig: signature("08") },
  { type: "reject", seq: 3n, code: "session/unknown-call", message: "Call 300 is not known here." },
  { type: "closeRequest" },
];

const frames: Frame[] = [
  { type: "hello", version: WIRE_VERSION, agent: "demec/0.1.0" },
  { type: "ping", nonce: 1 },
  { type: "pong", nonce: 1 },
  { type: "goodbye", code: "network/closed", message: "Bye." },
  { type: "unsupported", messageType: 0x7f },
  { type: "offerRequest", requestId: 1, serviceId: 42n, buyer: address("c3"), credits: 10n ** 20n },
  {
    type: "offerReply",
    requestId: 1,
    offer: {
      serviceId: 42n,
      provider: address("d4"),
      buyer: address("c3"),
      minCredits: 10n ** 18n,
      maxCredits: 10n ** 21n,
      minValuePerCredit: 5_000n,
      bondPerCredit: 7n,
      demandMaxInputBytes: 1024,
      demandWindow: 600,
      demandDeposit: 1_000_000n,
      expiry: 1_800_000_000n,
      nonce: 2n ** 255n + 1n,
    },
    operatorSig: signature("09"),
  },
  { type: "refuse", regarding: "offer", id: 1, code: "provider/at-capacity", message: "No session is free." },
  { type: "refuse", regarding: "attach", id: 2, code: "session/foreign-key", message: "Not the session's key." },
  { type: "attach", handle: 2, sessionId: hash("a1"), signature: signature("0a"), newest },
  { type: "attached", handle: 2, newest: { full: null, half: null } },
  {
    type: "streamOpen",
    streamId: 1,
    content: {
      kind: "invoke",
      handle: 2,
      callId: 1,
      deadlineMs: 1000,
      limits,
      inputBytes: 100_000,
      messageBytes: 100_300,
    },
  },
  { type: "streamOpen", streamId: 2, content: { kind: "result", handle: 2, callId: 1, messageBytes: 100_300 } },
  { type: "streamOpen", streamId: 3, content: { kind: "message", messageBytes: 16_776_192 } },
  { type: "streamOpen", streamId: 4, content: { kind: "output", handle: 2, callId: 70_000 } },
  { type: "streamData", streamId: 1, bytes: new Uint8Array([1, 2, 3]) },
  { type: "streamEnd", streamId: 1, hash: new Uint8Array(32).fill(12) },
  { type: "streamAbort", streamId: 253 },
  { type: "streamCredit", streamId: 4, bytes: 131_072 },
  { type: "streamTaken", streamId: 1 },
  { type: "streamRefuse", streamId: 1, code: "network/stream-refused" },
  { type: "accessRequest", requestId: 3, serviceId: 42n, step: "challenge", text: address("c3") },
  { type: "accessReply", requestId: 3, text: '{"nonce":"größe"}' },
  { type: "refuse", regarding: "access", id: 3, code: "access/refused", message: "Not a member." },
  ...messages.map((message): Frame => ({ type: "session", handle: 2, message })),
];

const record = { seq: 1_763_856_000_000, value: new Uint8Array([1, 0, 1, 7]), signature: new Uint8Array(64).fill(11) };
const bytes32 = (byte: number) => new Uint8Array(32).fill(byte);
const guideMessages: GuideMessage[] = [
  { type: "lookup", id: 1, topic: bytes32(1), limit: 64 },
  { type: "stop", id: 1 },
  { type: "read", id: 253, publicKey: bytes32(2), isNewest: true },
  { type: "put", id: 65_536, record },
  { type: "announce", id: 4, topic: bytes32(3) },
  { type: "unannounce", id: 5, topic: bytes32(3) },
  { type: "listen", id: 6 },
  { type: "signed", signId: 7, signature: new Uint8Array(64).fill(8) },
  { type: "peers", id: 1, publicKeys: [bytes32(4), bytes32(5)] },
  { type: "record", id: 253, record },
  { type: "record", id: 254, record: null },
  { type: "done", id: 1 },
  { type: "failed", id: 5, code: "network/guide-refused" },
  { type: "sign", id: 4, signId: 7, nodeId: bytes32(6), token: bytes32(7) },
];

write(
  "wire",
  frames.map((frame) => ({ hex: Buffer.from(encodeFrame(frame)).toString("hex"), frame })),
);
write(
  "guide",
  guideMessages.map((message) => ({ hex: Buffer.from(encodeGuideMessage(message)).toString("hex"), message })),
);

function write(name: string, vectors: readonly object[]): void {
  const json = JSON.stringify(
    vectors,
    (_key, value) => {
      if (typeof value === "bigint") return `bigint:${value}`;
      return value instanceof Uint8Array ? `bytes:${Buffer.from(value).toString("hex")}` : value;
    },
    1,
  );
  writeFileSync(new URL(`../test/vectors/${name}.json`, import.meta.url), `${json}\n`);
}
