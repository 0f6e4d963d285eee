import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { ByContent } from "../content.ts";
import { isDemecError } from "../errors.ts";
import { type ExecutionRequest, STATUS } from "../execution.ts";
import type { Invoke, Result } from "../messages.ts";
import { bareRequest } from "../testing.ts";
import { arbitraryFrame } from "./arbitraryFrame.ts";
import { decodeFrame, encodeFrame, type Frame, frameBytes } from "./frame.ts";
import { MAX_MESSAGE_BYTES, MAX_PROPOSAL_ITEMS, MAX_TEXT_BYTES } from "./limits.ts";

const INVOKE: Invoke = {
  type: "invoke",
  callId: 7,
  deadlineMs: 1000,
  request: bareRequest({
    input: new Uint8Array(256).fill(9),
    limits: { bitOps: 10n ** 9n, floatOps: 0n, memoryPages: 16, outputBytes: 4096 },
  }),
};
const frameOf = (input: Uint8Array): Frame => ({
  type: "session",
  handle: 1,
  message: { ...INVOKE, request: { ...INVOKE.request, input } },
});

/** Decodes, or gives the code of the DemecError; anything else that is thrown fails the test. */
function decodeOrCode(bytes: Uint8Array): unknown {
  try {
    return decodeFrame(bytes);
  } catch (error) {
    if (isDemecError(error)) return error.code;
    throw error;
  }
}

test("every frame decodes to what was encoded, and its size is foretold", () => {
  fc.assert(
    fc.property(arbitraryFrame, (frame) => {
      const bytes = encodeFrame(frame);
      assert.equal(bytes.length, frameBytes(frame));
      assert.deepEqual(decodeFrame(bytes), frame);
    }),
    { numRuns: 2000 },
  );
});

test("random bytes give a frame or a DemecError, and a frame re-encodes to the same bytes", () => {
  const typed = fc.tuple(
    fc.constantFrom(1, 2, 3, 4, 5, 0x10, 0x11, 0x12, 0x13, 0x14, 0x40, 0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0x48),
    fc.uint8Array({ maxLength: 400 }),
  );
  fc.assert(
    fc.property(fc.oneof(typed, fc.tuple(fc.nat(255), fc.uint8Array({ maxLength: 60 }))), ([type, rest]) => {
      assertCanonical(Uint8Array.of(type, ...rest));
    }),
    { numRuns: 10_000 },
  );
});

test("a valid frame with bytes changed, cut or added gives a frame or a DemecError, never a second encoding", () => {
  fc.assert(
    fc.property(
      arbitraryFrame,
      fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }),
      fc.nat(),
      (frame, edits, cut) => {
        const bytes = encodeFrame(frame);
        for (const [at, value] of edits) bytes[at % bytes.length] = value;
        assertCanonical(bytes);
        assertCanonical(bytes.subarray(0, cut % (bytes.length + 1)));
        assertCanonical(Uint8Array.of(...bytes, cut & 255));
      },
    ),
    { numRuns: 3000 },
  );
});

function assertCanonical(bytes: Uint8Array): void {
  const frame = decodeOrCode(bytes);
  if (typeof frame === "string") {
    assert.equal(frame, "protocol/malformed");
    return;
  }
  const decoded = frame as ReturnType<typeof decodeFrame>;
  if (decoded.type === "unknown") assert.equal(decoded.messageType, bytes[0]);
  else if (decoded.type !== "hello") assert.deepEqual(encodeFrame(decoded), new Uint8Array(bytes));
}

test("bytes that trail a frame are refused", () => {
  const bytes = encodeFrame({ type: "ping", nonce: 4 });
  assert.throws(() => decodeFrame(Uint8Array.of(...bytes, 0)), { code: "protocol/malformed" });
});

test("a request whose files are no tree, in the order of their paths, is no frame", () => {
  const encoded = (files: ExecutionRequest["files"]) =>
    encodeFrame({ type: "session", handle: 1, message: { ...INVOKE, request: { ...INVOKE.request, files } } });
  const files = [
    { path: "aa", bytes: Uint8Array.of(1) },
    { path: "bb", bytes: Uint8Array.of(2) },
  ];
  const bytes = encoded(files);
  const at = Buffer.from(bytes).indexOf("bb");
  for (const other of ["aa", "a\0", "a/", "/b", ".."]) {
    const changed = Uint8Array.from(bytes);
    changed.set(Buffer.from(other), at);
    assert.equal(decodeOrCode(changed), "protocol/malformed", other);
    const [first] = files;
    assert.throws(() => encoded([first!, { path: other, bytes: Uint8Array.of(2) }]), { code: "protocol/bad-files" });
  }
});

test("a length or a count beyond what is there is refused before anything of that size is made", () => {
  const claims = [
    Uint8Array.of(0x43, 1, 7, 0xfe, 0xff, 0xff, 0xff, 0x7f),
    Uint8Array.of(0x40, 1, 7, 1, 1, ...new Uint8Array(16), 1, 1, 0xfe, 0xff, 0xff, 0xff, 0x7f),
    Uint8Array.of(0x45, 1, ...new Uint8Array(105 + 65), 0xfd, 0xff, 0xff),
    Uint8Array.of(0x45, 1, ...new Uint8Array(105 + 65), 0xfe, 0xff, 0xff, 0xff, 0x7f),
  ];
  const before = process.memoryUsage().arrayBuffers;
  for (const bytes of claims) assert.equal(decodeOrCode(bytes), "protocol/malformed");
  assert.ok(process.memoryUsage().arrayBuffers - before < 1_000_000);
});

test("a frame of an unknown type is told by its type, whatever follows", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(0, 6, 0x0f, 0x17, 0x1f, 0x27, 0x3f, 0x49, 0x7f, 0x80, 0xff),
      fc.uint8Array(),
      (type, rest) => {
        assert.deepEqual(decodeFrame(Uint8Array.of(type, ...rest)), { type: "unknown", messageType: type });
      },
    ),
  );
});

test("a hello of another version tells its version, whatever else that version says", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 0xfc }), fc.uint8Array(), (version, rest) => {
      assert.deepEqual(decodeFrame(Uint8Array.of(1, version, ...rest)), { type: "hello", version, agent: "" });
    }),
  );
});

test("a frame of exactly the largest size of a message passes; one byte more is refused by both ends", () => {
  const overhead = frameBytes(frameOf(new Uint8Array(70_000))) - 70_000;
  const largest = encodeFrame(frameOf(new Uint8Array(MAX_MESSAGE_BYTES - overhead)));
  assert.equal(largest.length, MAX_MESSAGE_BYTES);
  assert.equal(decodeFrame(largest).type, "session");
  const tooLarge = { code: "protocol/frame-too-large" };
  assert.throws(() => encodeFrame(frameOf(new Uint8Array(MAX_MESSAGE_BYTES - overhead + 1))), tooLarge);
  assert.throws(() => decodeFrame(new Uint8Array(MAX_MESSAGE_BYTES + 1)), tooLarge);
  assert.throws(() => decodeFrame(largest, 1000), tooLarge);
});

test("a value without an encoding is refused when it is sent", () => {
  const hello = { type: "hello", version: 1, agent: "" } as const;
  const bad: Frame[] = [
    { type: "ping", nonce: -1 },
    { type: "ping", nonce: 0.5 },
    { type: "ping", nonce: 2 ** 53 },
    { ...hello, version: Number.NaN },
    {
      type: "attach",
      handle: 1,
      sessionId: "0x12",
      signature: `0x${"00".repeat(65)}`,
      newest: { full: null, half: null },
    },
    {
      type: "attach",
      handle: 1,
      sessionId: `0x${"zz".repeat(32)}`,
      signature: `0x${"00".repeat(65)}`,
      newest: { full: null, half: null },
    },
    { type: "offerRequest", requestId: 1, serviceId: -1n, buyer: `0x${"00".repeat(20)}`, credits: 0n },
    { type: "offerRequest", requestId: 1, serviceId: 0n, buyer: `0x${"00".repeat(20)}`, credits: 2n ** 128n },
    { type: "goodbye", code: "c".repeat(65), message: "" },
    { type: "session", handle: 1, message: { ...INVOKE, request: { ...INVOKE.request, seed: new Uint8Array(31) } } },
    {
      type: "session",
      handle: 1,
      message: {
        type: "propose",
        state: STATE,
        operatorSig: `0x${"00".repeat(65)}`,
        callIds: new Array(MAX_PROPOSAL_ITEMS + 1).fill(1),
        faultIds: [],
      },
    },
  ];
  for (const frame of bad) assert.throws(() => encodeFrame(frame), { code: "protocol/out-of-range" });
});

test("text for people that is too long arrives cut at a character's end", () => {
  const frame = { type: "goodbye", code: "x", message: "é€😀".repeat(400) } as const;
  const decoded = decodeFrame(encodeFrame(frame));
  assert.ok(decoded.type === "goodbye" && frame.message.startsWith(decoded.message));
  const bytes = Buffer.byteLength(decoded.message);
  assert.ok(bytes <= MAX_TEXT_BYTES && bytes > MAX_TEXT_BYTES - 4);
  assert.ok(decoded.message.isWellFormed());
});

test("byte fields are plain views of the received bytes, though these be a Buffer", () => {
  const received = Buffer.from(encodeFrame(frameOf(new Uint8Array(256).fill(9))));
  const frame = decodeFrame(received);
  assert.ok(frame.type === "session" && frame.message.type === "invoke");
  const { input } = frame.message.request;
  assert.equal(input.constructor, Uint8Array);
  assert.equal(input.buffer, received.buffer);
});

test("the golden vectors hold: these bytes mean these frames, for ever", () => {
  const vectors = JSON.parse(
    readFileSync(new URL("../../../../test/vectors/wire.json", import.meta.url), "utf8"),
    revive,
  );
  assert.ok(vectors.length >= 19);
  for (const { hex, frame } of vectors) {
    const bytes = new Uint8Array(Buffer.from(hex, "hex"));
    assert.deepEqual(decodeFrame(bytes), frame);
    assert.deepEqual(encodeFrame(frame), bytes);
  }
});

function revive(_key: string, value: unknown): unknown {
  if (typeof value !== "string") return value;
  if (value.startsWith("bigint:")) return BigInt(value.slice(7));
  return value.startsWith("bytes:") ? new Uint8Array(Buffer.from(value.slice(6), "hex")) : value;
}

const STATE = {
  sessionId: `0x${"11".repeat(32)}`,
  seq: 1n,
  creditsUsed: 0n,
  invocations: 0n,
  breaches: 0n,
  receiptsRoot: `0x${"22".repeat(32)}`,
  isFinal: false,
} as const;

test("what a call or a result can't have together is refused, and no status reaches into the bits beside it", () => {
  assert.ok(Math.max(...Object.values(STATUS)) < 0x40);
  const content = { coreKey: `0x${"c0".repeat(32)}`, sha256: `0x${"c1".repeat(32)}`, length: 3 } as const;
  const bare = bareRequest({ ...INVOKE.request, shape: "command", input: new Uint8Array(0) });
  const bytesOf = (message: Invoke | Result) => encodeFrame({ type: "session", handle: 1, message });
  const streamed = (byContent?: ByContent): Invoke => {
    const request = byContent === undefined ? bare : { ...bare, byContent };
    return { ...INVOKE, request, streamed: true };
  };
  assert.equal(bytesOf(streamed()).length, bytesOf({ ...INVOKE, request: bare }).length + 1);
  const own = streamed({ module: content });
  assert.deepEqual(decodeFrame(bytesOf(own)), { type: "session", handle: 1, message: own });
  const refused = [
    streamed({ input: content }),
    streamed({ output: true }),
    { ...streamed(), request: { ...bare, shape: "reactor" as const } },
  ];
  for (const message of refused) assert.equal(decodeOrCode(bytesOf(message)), "protocol/malformed");
  const nothing = bytesOf(streamed());
  for (const more of [0, 16]) assert.equal(decodeOrCode(nothing.with(-1, more)), "protocol/malformed");
  const empty = new Uint8Array(0);
  const usage = { bitOps: 1n, floatOps: 0n, durationMs: 1, exitCode: 0 };
  const both: Result = {
    ...{ type: "result", callId: 1, status: STATUS.ok, output: empty, stderr: empty, ...usage },
    ...{ outputContent: content, streamed: { inputBytes: 0, stdoutBytes: 0, stdoutHash: new Uint8Array(32) } },
  };
  assert.equal(decodeOrCode(bytesOf(both)), "protocol/malformed");
});
