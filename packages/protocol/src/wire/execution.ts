import type { ByContent, ContentReference } from "../content.ts";
import type { ExecutionRequest, Limits, Status } from "../execution.ts";
import { statusName } from "../execution.ts";
import { assertFiles, FILE_LIMITS, type RequestFile } from "../files.ts";
import type { Ack, Invoke, Result, StreamedEnd } from "../messages.ts";
import { listUpTo, struct } from "./combinators.ts";
import { MAX_ARGUMENT_BYTES, MAX_ARGUMENTS, MAX_MESSAGE_BYTES } from "./limits.ts";
import {
  bool,
  bytesUpTo,
  type Codec,
  fixedBytes,
  hexOf,
  malformed,
  type State,
  stringUpTo,
  uint,
  uint8,
  uint32,
  uint64,
  uintUpTo,
} from "./primitives.ts";

// The messages of every call are written out field by field: a table-driven codec costs twice as much.

const payload = bytesUpTo(MAX_MESSAGE_BYTES);
const bytes32 = fixedBytes(32);
const memoryPages = uintUpTo(65_536);
const text = stringUpTo(MAX_ARGUMENT_BYTES);
const textList = listUpTo(MAX_ARGUMENTS, text);
const environment = listUpTo<readonly [string, string]>(MAX_ARGUMENTS, {
  preencode(state, [name, value]) {
    text.preencode(state, name);
    text.preencode(state, value);
  },
  encode(state, [name, value]) {
    text.encode(state, name);
    text.encode(state, value);
  },
  decode: (state) => [text.decode(state), text.decode(state)],
});
const filePath = stringUpTo(FILE_LIMITS.pathBytes);
const files = listUpTo<RequestFile>(FILE_LIMITS.nodes, {
  preencode(state, { path, bytes }) {
    filePath.preencode(state, path);
    payload.preencode(state, bytes);
  },
  encode(state, { path, bytes }) {
    filePath.encode(state, path);
    payload.encode(state, bytes);
  },
  decode: (state) => ({ path: filePath.decode(state), bytes: payload.decode(state) }),
});

export const limits: Codec<Limits> = {
  preencode(state, value) {
    state.end += 16;
    memoryPages.preencode(state, value.memoryPages);
    uint32.preencode(state, value.outputBytes);
  },
  encode(state, value) {
    uint64.encode(state, value.bitOps);
    uint64.encode(state, value.floatOps);
    memoryPages.encode(state, value.memoryPages);
    uint32.encode(state, value.outputBytes);
  },
  decode: (state) => ({
    bitOps: uint64.decode(state),
    floatOps: uint64.decode(state),
    memoryPages: memoryPages.decode(state),
    outputBytes: uint32.decode(state),
  }),
};

const content = struct<ContentReference>({ coreKey: hexOf(32), sha256: hexOf(32), length: uint32 });

/** What stands in a request beyond shape, input and limits; what is at its default is left out, and must be. */
const HAS = { reactor: 1, args: 2, env: 4, envSalt: 8, clockNs: 16, seed: 32, files: 64 } as const;
const ALL_FLAGS = 127;
/** In the same byte: the request is followed by one that tells what travels by content, or that the call is a streamed one. */
const HAS_MORE = 128;
const MORE = { input: 1, module: 2, output: 4, streamed: 8 } as const;
const ALL_MORE = 15;
/** In a result's byte of status, above it: what follows the result. */
const RESULT_HAS = { outputContent: 0x40, streamed: 0x80 } as const;
const STATUS_BITS = 0x3f;
const ZEROS = new Uint8Array(32);

function isZero(bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== 0) return false;
  return bytes.length === 32;
}

function flagsOf(request: ExecutionRequest): number {
  return (
    (request.shape === "reactor" ? HAS.reactor : 0) |
    (request.args.length > 0 ? HAS.args : 0) |
    (request.env.length > 0 ? HAS.env : 0) |
    (isZero(request.envSalt) ? 0 : HAS.envSalt) |
    (request.clockNs !== 0n ? HAS.clockNs : 0) |
    (isZero(request.seed) ? 0 : HAS.seed) |
    (request.files.length > 0 ? HAS.files : 0)
  );
}

function decodeFiles(state: State): readonly RequestFile[] {
  const list = files.decode(state);
  try {
    assertFiles(list);
  } catch (error) {
    throw malformed("A request's files are no tree within the bounds.", error);
  }
  return list;
}

/** A request, but for what of it travels by content. */
const executionRequest: Pick<Codec<ExecutionRequest>, "preencode" | "encode"> = {
  preencode(state, value) {
    const flags = flagsOf(value);
    state.end++;
    limits.preencode(state, value.limits);
    if (flags & HAS.args) textList.preencode(state, value.args);
    if (flags & HAS.env) environment.preencode(state, value.env);
    if (flags & HAS.envSalt) state.end += 32;
    if (flags & HAS.clockNs) state.end += 8;
    if (flags & HAS.seed) state.end += 32;
    if (flags & HAS.files) files.preencode(state, value.files);
    payload.preencode(state, value.input);
  },
  encode(state, value) {
    const flags = flagsOf(value);
    state.buffer[state.start++] = flags;
    limits.encode(state, value.limits);
    if (flags & HAS.args) textList.encode(state, value.args);
    if (flags & HAS.env) environment.encode(state, value.env);
    if (flags & HAS.envSalt) bytes32.encode(state, value.envSalt);
    if (flags & HAS.clockNs) uint64.encode(state, value.clockNs);
    if (flags & HAS.seed) bytes32.encode(state, value.seed);
    if (flags & HAS.files) {
      assertFiles(value.files);
      files.encode(state, value.files);
    }
    payload.encode(state, value.input);
  },
};

function decodeRequest(state: State, flags: number): ExecutionRequest {
  const bounds = limits.decode(state);
  const request: ExecutionRequest = {
    shape: flags & HAS.reactor ? "reactor" : "command",
    limits: bounds,
    args: flags & HAS.args ? textList.decode(state) : [],
    env: flags & HAS.env ? environment.decode(state) : [],
    envSalt: flags & HAS.envSalt ? bytes32.decode(state) : ZEROS,
    clockNs: flags & HAS.clockNs ? uint64.decode(state) : 0n,
    seed: flags & HAS.seed ? bytes32.decode(state) : ZEROS,
    files: flags & HAS.files ? decodeFiles(state) : [],
    input: payload.decode(state),
  };
  if (flagsOf(request) !== flags) throw malformed("A request spells out a field that is at its default.");
  return request;
}

/** What a call has beyond its request's own fields; 0: nothing. */
function moreOf({ request: { byContent }, streamed }: Invoke): number {
  return (
    (byContent?.input === undefined ? 0 : MORE.input) |
    (byContent?.module === undefined ? 0 : MORE.module) |
    (byContent?.output === undefined ? 0 : MORE.output) |
    (streamed ? MORE.streamed : 0)
  );
}

function preencodeMore(state: State, { request: { byContent } }: Invoke): void {
  state.end++;
  if (byContent?.input !== undefined) content.preencode(state, byContent.input);
  if (byContent?.module !== undefined) content.preencode(state, byContent.module);
}

function encodeMore(state: State, more: number, { request: { byContent } }: Invoke): void {
  uint8.encode(state, more);
  if (byContent?.input !== undefined) content.encode(state, byContent.input);
  if (byContent?.module !== undefined) content.encode(state, byContent.module);
}

/** @throws protocol/malformed for a streamed call of a reactor, or one whose input or output would travel by content */
function decodeMore(state: State, plain: Invoke): Invoke {
  const more = uint8.decode(state);
  if (more === 0 || more > ALL_MORE) throw malformed(`A call has unknown flags of what more it has: ${more}.`);
  const byContent: ByContent = {
    ...(more & MORE.input ? { input: content.decode(state) } : {}),
    ...(more & MORE.module ? { module: content.decode(state) } : {}),
    ...(more & MORE.output ? { output: true } : {}),
  };
  const { request } = plain;
  const whole = more === MORE.streamed ? plain : { ...plain, request: { ...request, byContent } };
  if ((more & MORE.streamed) === 0) return whole;
  if (request.shape !== "command") throw malformed("A reactor's call can't be streamed.");
  if (more & (MORE.input | MORE.output)) throw malformed("A streamed call's input and output can't be fetched.");
  return { ...whole, streamed: true };
}

export const invoke: Codec<Invoke> = {
  preencode(state, value) {
    uint.preencode(state, value.callId);
    uint32.preencode(state, value.deadlineMs);
    executionRequest.preencode(state, value.request);
    if (moreOf(value) !== 0) preencodeMore(state, value);
  },
  encode(state, value) {
    uint.encode(state, value.callId);
    uint32.encode(state, value.deadlineMs);
    const flagsAt = state.start;
    executionRequest.encode(state, value.request);
    const more = moreOf(value);
    if (more === 0) return;
    state.buffer[flagsAt]! |= HAS_MORE;
    encodeMore(state, more, value);
  },
  decode(state) {
    const callId = uint.decode(state);
    const deadlineMs = uint32.decode(state);
    const flags = uint8.decode(state);
    const request = decodeRequest(state, flags & ALL_FLAGS);
    const plain: Invoke = { type: "invoke", callId, request, deadlineMs };
    return flags <= ALL_FLAGS ? plain : decodeMore(state, plain);
  },
};

const streamedEnd = struct<StreamedEnd>({ inputBytes: uint32, stdoutBytes: uint32, stdoutHash: bytes32 });

export const result: Codec<Result> = {
  preencode(state, value) {
    uint.preencode(state, value.callId);
    state.end += 17;
    uint32.preencode(state, value.exitCode);
    uint32.preencode(state, value.durationMs);
    payload.preencode(state, value.output);
    payload.preencode(state, value.stderr);
    if (value.outputContent !== undefined) content.preencode(state, value.outputContent);
    if (value.streamed !== undefined) streamedEnd.preencode(state, value.streamed);
  },
  encode(state, value) {
    uint.encode(state, value.callId);
    const { outputContent, streamed } = value;
    const has =
      (outputContent === undefined ? 0 : RESULT_HAS.outputContent) | (streamed === undefined ? 0 : RESULT_HAS.streamed);
    uint8.encode(state, value.status | has);
    uint64.encode(state, value.bitOps);
    uint64.encode(state, value.floatOps);
    uint32.encode(state, value.exitCode);
    uint32.encode(state, value.durationMs);
    payload.encode(state, value.output);
    payload.encode(state, value.stderr);
    if (outputContent !== undefined) content.encode(state, outputContent);
    if (streamed !== undefined) streamedEnd.encode(state, streamed);
  },
  decode(state) {
    const callId = uint.decode(state);
    const first = uint8.decode(state);
    const status = first & STATUS_BITS;
    if (statusName(status) === undefined) throw malformed(`${status} is no status.`);
    const bitOps = uint64.decode(state);
    const floatOps = uint64.decode(state);
    const exitCode = uint32.decode(state);
    const durationMs = uint32.decode(state);
    const output = payload.decode(state);
    const stderr = payload.decode(state);
    const plain: Result = {
      type: "result",
      callId,
      status: status as Status,
      exitCode,
      output,
      stderr,
      bitOps,
      floatOps,
      durationMs,
    };
    if (first === status) return plain;
    if (first === (status | RESULT_HAS.streamed)) return { ...plain, streamed: streamedEnd.decode(state) };
    if (first === (status | RESULT_HAS.outputContent)) return { ...plain, outputContent: content.decode(state) };
    throw malformed("A result's output was streamed, and is to be fetched as well.");
  },
};

export const ack: Codec<Ack> = {
  preencode(state, value) {
    uint.preencode(state, value.callId);
    uint32.preencode(state, value.latencyMs);
    uint32.preencode(state, value.pingMs);
    state.end++;
  },
  encode(state, value) {
    uint.encode(state, value.callId);
    uint32.encode(state, value.latencyMs);
    uint32.encode(state, value.pingMs);
    bool.encode(state, value.breached);
  },
  decode: (state) => ({
    type: "ack",
    callId: uint.decode(state),
    latencyMs: uint32.decode(state),
    pingMs: uint32.decode(state),
    breached: bool.decode(state),
  }),
};
