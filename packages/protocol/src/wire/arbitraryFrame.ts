import fc from "fast-check";
import { STATUS } from "../execution.ts";
import { makeFiles } from "../files.ts";
import type { NewestStates } from "../messages.ts";
import { WIRE_VERSION } from "../messages.ts";
import type { Frame } from "./frame.ts";
import { MAX_MESSAGE_BYTES } from "./limits.ts";
import type { StreamContent } from "./streamMessages.ts";

// Generators of frames, for property tests of this and other packages; small enough to print, wide enough to matter.

/** Plain objects, as a decoder makes them, not null-prototype ones. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) => fc.record<T>(model, { noNullPrototype: true });

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const hex = (length: number) => bytes(length).map((b) => `0x${Buffer.from(b).toString("hex")}` as const);
const uint = fc.oneof(
  fc.nat(300),
  fc.maxSafeNat(),
  fc.constantFrom(0xfc, 0xfd, 0xffff, 0x10000, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1),
);
const uint32 = fc.oneof(fc.nat(70_000), fc.integer({ min: 0, max: 2 ** 32 - 1 }));
const big = (bits: bigint) => fc.bigInt(0n, 2n ** bits - 1n);
const payload = fc.uint8Array({ maxLength: 300 });
const text = fc.string({ unit: "grapheme", maxLength: 40 });
const zerosOr32 = fc.oneof(fc.constant(new Uint8Array(32)), bytes(32));

const state = record({
  sessionId: hex(32),
  seq: big(64n),
  creditsUsed: big(128n),
  invocations: big(64n),
  breaches: big(64n),
  receiptsRoot: hex(32),
  isFinal: fc.boolean(),
});
const maybeSignature = fc.option(hex(65), { nil: null });
const newest: fc.Arbitrary<NewestStates> = record({
  full: fc.option(record({ state, operatorSig: maybeSignature, sessionKeySig: maybeSignature }), { nil: null }),
  half: fc.option(
    record({
      state,
      operatorSig: maybeSignature,
      sessionKeySig: maybeSignature,
      receipts: fc.array(bytes(104), { maxLength: 3 }),
    }),
    { nil: null },
  ),
});
const offer = record({
  serviceId: big(256n),
  provider: hex(20),
  buyer: hex(20),
  minCredits: big(128n),
  maxCredits: big(128n),
  minValuePerCredit: big(128n),
  bondPerCredit: big(128n),
  demandMaxInputBytes: uint32,
  demandWindow: uint32,
  demandDeposit: big(128n),
  expiry: big(64n),
  nonce: big(256n),
});
/** Names that no directory has: the files of a dictionary are always a tree. */
const fileName = fc.constantFrom("a.txt", "b.csv", "größe.bin", "\u{10ffff}.x", "\uffff.x");
const directory = fc.constantFrom("", "a/", "b/c/", "ä/");
const files = fc
  .array(fc.tuple(fc.tuple(directory, fileName), payload), { maxLength: 4 })
  .map((entries) => makeFiles(Object.fromEntries(entries.map(([path, content]) => [path.join(""), content]))));
const reference = record({ coreKey: hex(32), sha256: hex(32), length: uint32 });
const byContent = fc
  .record(
    { input: reference, module: reference, output: fc.constant(true as const) },
    { requiredKeys: [], noNullPrototype: true },
  )
  .filter((some) => Object.keys(some).length > 0);
/** Of an object some optional members, which it has or has not. */
const maybe = <K extends string, T>(key: K, value: fc.Arbitrary<T>) =>
  fc.option(value, { nil: undefined }).map((some) => (some === undefined ? {} : { [key]: some })) as fc.Arbitrary<{
    [P in K]?: T;
  }>;
const limits = record({
  bitOps: big(64n),
  floatOps: big(64n),
  memoryPages: fc.integer({ min: 0, max: 65536 }),
  outputBytes: uint32,
});
const plainRequest = record({
  shape: fc.constantFrom("command" as const, "reactor" as const),
  input: payload,
  args: fc.array(text, { maxLength: 4 }),
  env: fc.array(fc.tuple(text, text), { maxLength: 4 }),
  files,
  envSalt: zerosOr32,
  clockNs: fc.oneof(fc.constant(0n), big(64n)),
  seed: zerosOr32,
  limits,
});
const request = fc.tuple(plainRequest, maybe("byContent", byContent)).map(([inside, more]) => ({ ...inside, ...more }));
const streamedRequest = fc
  .tuple(plainRequest, maybe("byContent", record({ module: reference })))
  .map(([inside, more]) => ({ ...inside, ...more, shape: "command" as const }));

const is = <T extends string>(type: T) => fc.constant(type);
const callIds = fc.array(uint, { maxLength: 20 });

const result = {
  type: is("result"),
  callId: uint,
  status: fc.constantFrom(...Object.values(STATUS)),
  exitCode: uint32,
  output: payload,
  stderr: payload,
  bitOps: big(64n),
  floatOps: big(64n),
  durationMs: uint32,
};
const sessionMessage = fc.oneof(
  record({ type: is("invoke"), callId: uint, request, deadlineMs: uint32 }),
  record({
    type: is("invoke"),
    callId: uint,
    request: streamedRequest,
    deadlineMs: uint32,
    streamed: fc.constant(true as const),
  }),
  record({ type: is("cancel"), callId: uint }),
  fc.tuple(record(result), maybe("outputContent", reference)).map(([inside, more]) => ({ ...inside, ...more })),
  record({
    ...result,
    streamed: record({ inputBytes: uint32, stdoutBytes: uint32, stdoutHash: bytes(32) }),
  }),
  record({ type: is("fault"), callId: uint, code: text, message: text, breach: fc.boolean() }),
  record({ type: is("ack"), callId: uint, latencyMs: uint32, pingMs: uint32, breached: fc.boolean() }),
  record({ type: is("propose"), state, operatorSig: hex(65), callIds, faultIds: callIds }),
  record({ type: is("accept"), seq: big(64n), sessionKeySig: hex(65) }),
  record({ type: is("reject"), seq: big(64n), code: text, message: text }),
  record({ type: is("closeRequest") }),
);

const messageBytes = fc.integer({ min: 0, max: MAX_MESSAGE_BYTES });
const content: fc.Arbitrary<StreamContent> = fc.oneof(
  record({
    kind: is("invoke"),
    handle: uint,
    callId: uint,
    deadlineMs: uint32,
    limits,
    inputBytes: uint,
    messageBytes,
  }),
  record({ kind: is("result"), handle: uint, callId: uint, messageBytes }),
  record({ kind: is("message"), messageBytes }),
  record({ kind: is("output"), handle: uint, callId: uint }),
);
/** Few and small, so that those of one stream meet. */
const streamId = fc.oneof(fc.integer({ min: 1, max: 5 }), uint);
const streamMessage = fc.oneof(
  record({ type: is("streamOpen"), streamId, content }),
  record({ type: is("streamData"), streamId, bytes: payload }),
  record({ type: is("streamEnd"), streamId, hash: bytes(32) }),
  record({ type: is("streamAbort"), streamId }),
  record({ type: is("streamCredit"), streamId, bytes: uint32 }),
  record({ type: is("streamTaken"), streamId }),
  record({ type: is("streamRefuse"), streamId, code: text }),
);

/** Every kind of frame that this version can send. */
export const arbitraryFrame: fc.Arbitrary<Frame> = fc.oneof(
  { arbitrary: record({ type: is("session"), handle: uint, message: sessionMessage }), weight: 9 },
  { arbitrary: streamMessage, weight: 3 },
  record({ type: is("hello"), version: fc.constant(WIRE_VERSION), agent: text }),
  record({ type: fc.constantFrom("ping" as const, "pong" as const), nonce: uint }),
  record({ type: is("goodbye"), code: text, message: text }),
  record({ type: is("unsupported"), messageType: fc.nat(255) }),
  record({ type: is("offerRequest"), requestId: uint, serviceId: big(256n), buyer: hex(20), credits: big(128n) }),
  record({ type: is("offerReply"), requestId: uint, offer, operatorSig: hex(65) }),
  record({
    type: is("refuse"),
    regarding: fc.constantFrom("offer" as const, "attach" as const, "access" as const),
    id: uint,
    code: text,
    message: text,
  }),
  record({ type: is("attach"), handle: uint, sessionId: hex(32), signature: hex(65), newest }),
  record({ type: is("attached"), handle: uint, newest }),
  record({
    type: is("accessRequest"),
    requestId: uint,
    serviceId: big(256n),
    step: fc.constantFrom("challenge" as const, "enter" as const, "token" as const, "revoke" as const),
    text,
  }),
  record({ type: is("accessReply"), requestId: uint, text }),
);
