import type { ByContent, ContentReference } from "../content.ts";
import type { ExecutionRequest, Limits, Status } from "../execution.ts";
import { statusName } from "../execution.ts";
import { assertFiles, FILE_LIMITS, type RequestFile } from "../files.ts";
import type { Ack, Invoke, Result } from "../messages.ts";
import { listUpTo, struct } from "./combinators.ts";
import { MAX_ARGUMENT_BYTES, MAX_ARGUMENTS, MAX_FRAME_BYTES } from "./limits.ts";
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

const payload = bytesUpTo(MAX_FRAME_BYTES);
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

const limits: Codec<Limits> = {
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

const BY_CONTENT = { input: 1, module: 2, output: 4 } as const;

const byContent: Codec<ByContent> = {
  preencode(state, { input, module }) {
    state.end++;
    if (input !== undefined) content.preencode(state, input);
    if (module !== undefined) content.preencode(state, module);
  },
  encode(state, { input, module, output }) {
    state.buffer[state.start++] =
      (input === undefined ? 0 : BY_CONTENT.input) |
      (module === undefined ? 0 : BY_CONTENT.module) |
      (output === undefined ? 0 : BY_CONTENT.output);
    if (input !== undefined) content.encode(state, input);
    if (module !== undefined) content.encode(state, module);
  },
  decode(state) {
    const flags = uint8.decode(state);
    if (flags === 0 || flags > 7) throw malformed(`A request has unknown flags of what travels by content: ${flags}.`);
    return {
      ...(flags & BY_CONTENT.input ? { input: content.decode(state) } : {}),
      ...(flags & BY_CONTENT.module ? { module: content.decode(state) } : {}),
      ...(flags & BY_CONTENT.output ? { output: true } : {}),
    };
  },
};

/** What stands in a request beyond shape, input and limits; what is at its default is left out, and must be. */
const HAS = { reactor: 1, args: 2, env: 4, envSalt: 8, clockNs: 16, seed: 32, files: 64, byContent: 128 } as const;
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
    (request.files.length > 0 ? HAS.files : 0) |
    (request.byContent === undefined ? 0 : HAS.byContent)
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

const executionRequest: Codec<ExecutionRequest> = {
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
    if (value.byContent !== undefined) byContent.preencode(state, value.byContent);
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
    if (value.byContent !== undefined) byContent.encode(state, value.byContent);
  },
  decode(state) {
    const flags = uint8.decode(state);
    const bounds = limits.decode(state);
    const inside: ExecutionRequest = {
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
    const request = flags & HAS.byContent ? { ...inside, byContent: byContent.decode(state) } : inside;
    if (flagsOf(request) !== flags) throw malformed("A request spells out a field that is at its default.");
    return request;
  },
};

export const invoke: Codec<Invoke> = {
  preencode(state, value) {
    uint.preencode(state, value.callId);
    uint32.preencode(state, value.deadlineMs);
    executionRequest.preencode(state, value.request);
  },
  encode(state, value) {
    uint.encode(state, value.callId);
    uint32.encode(state, value.deadlineMs);
    executionRequest.encode(state, value.request);
  },
  decode(state) {
    const callId = uint.decode(state);
    const deadlineMs = uint32.decode(state);
    return { type: "invoke", callId, request: executionRequest.decode(state), deadlineMs };
  },
};

/** Beside a result's status: its output is to be fetched. */
const OUTPUT_BY_CONTENT = 0x80;

export const result: Codec<Result> = {
  preencode(state, value) {
    uint.preencode(state, value.callId);
    state.end += 17;
    uint32.preencode(state, value.exitCode);
    uint32.preencode(state, value.durationMs);
    payload.preencode(state, value.output);
    payload.preencode(state, value.stderr);
    if (value.outputContent !== undefined) content.preencode(state, value.outputContent);
  },
  encode(state, value) {
    uint.encode(state, value.callId);
    uint8.encode(state, value.outputContent === undefined ? value.status : value.status | OUTPUT_BY_CONTENT);
    uint64.encode(state, value.bitOps);
    uint64.encode(state, value.floatOps);
    uint32.encode(state, value.exitCode);
    uint32.encode(state, value.durationMs);
    payload.encode(state, value.output);
    payload.encode(state, value.stderr);
    if (value.outputContent !== undefined) content.encode(state, value.outputContent);
  },
  decode(state) {
    const callId = uint.decode(state);
    const first = uint8.decode(state);
    const status = first & ~OUTPUT_BY_CONTENT;
    if (statusName(status) === undefined) throw malformed(`${status} is no status.`);
    const bitOps = uint64.decode(state);
    const floatOps = uint64.decode(state);
    const exitCode = uint32.decode(state);
    const durationMs = uint32.decode(state);
    const output = payload.decode(state);
    const stderr = payload.decode(state);
    const inside: Result = {
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
    return first === status ? inside : { ...inside, outputContent: content.decode(state) };
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
