import { sha256, sha256Into } from "#sha256";
import { type ByContent, type ContentReference, contentHash } from "./content.ts";
import { DemecError } from "./errors.ts";
import type { RequestFile } from "./files.ts";
import { assertUint, UINT32_MAX, UINT64_MAX } from "./usage.ts";

/** Version of the metering rewrite and its table of weights; part of every execution hash. */
export const METER_VERSION = 1;
/** Version of the WASI layer; part of every execution hash, because the layer decides what a program does. */
export const WASI_VERSION = 2;

/** Deterministic limits of one invocation. Wall-clock deadlines are not among them: they never decide a result. */
export interface Limits {
  /** Integer work at most; uint64. */
  readonly bitOps: bigint;
  /** Floating-point work at most; uint64. */
  readonly floatOps: bigint;
  /** Linear memory at most, in 64-KiB pages; 1 … 65536. */
  readonly memoryPages: number;
  /** stdout and stderr (or the reactor's result) together at most; uint32 bytes. */
  readonly outputBytes: number;
}

export type Shape = "command" | "reactor";

/** Everything that decides a deterministic execution, but for the module, which is named by its hash. */
export interface ExecutionRequest {
  readonly shape: Shape;
  /** Empty where the input travels by content. */
  readonly input: Uint8Array;
  /** Arguments after the program's name; commands only. */
  readonly args: readonly string[];
  /** Environment, in the order the program sees it; commands only. */
  readonly env: readonly (readonly [name: string, value: string])[];
  /** What the root directory holds at the start, as `assertFiles` accepts it. */
  readonly files: readonly RequestFile[];
  /** 32 bytes that blind the environment's commitment inside the execution hash. */
  readonly envSalt: Uint8Array;
  /** What every clock reads, in nanoseconds since the epoch; uint64; the buyer's choice, 0 by default. */
  readonly clockNs: bigint;
  /** 32 bytes that seed the random source; the buyer's choice, zeros by default. */
  readonly seed: Uint8Array;
  readonly limits: Limits;
  /** What travels by content; nothing when left out. */
  readonly byContent?: ByContent | undefined;
}

/** The closed list of deterministic ends: the only ones that may stand in a receipt. Numbers are part of the protocol. */
export const STATUS = {
  ok: 0,
  unreachable: 1,
  memoryOutOfBounds: 2,
  tableOutOfBounds: 3,
  indirectCallMismatch: 4,
  divisionByZero: 5,
  integerOverflow: 6,
  invalidConversion: 7,
  stackOverflow: 8,
  outOfFuel: 9,
  outputLimitExceeded: 10,
  /** A command that ended with an exit code other than 0. */
  exitCode: 11,
  /** A reactor whose `handle` or `alloc` returned a range outside its memory. */
  invalidResult: 12,
} as const;
export type StatusName = keyof typeof STATUS;
export type Status = (typeof STATUS)[StatusName];

const statusNames = Object.fromEntries(Object.entries(STATUS).map(([name, code]) => [code, name]));
/** Name of a status, or undefined for a number that is none. */
export function statusName(status: number): StatusName | undefined {
  return statusNames[status] as StatusName | undefined;
}

/** What a deterministic execution left behind. */
export interface ExecutionOutcome {
  readonly status: Status;
  /** A command's exit code (uint32), else 0. */
  readonly exitCode: number;
  /** stdout of a command, result of a reactor; empty unless the status is ok or exitCode. */
  readonly output: Uint8Array;
  /** stderr of a command; kept whatever the status, up to the output limit. */
  readonly stderr: Uint8Array;
  readonly bitOps: bigint;
  readonly floatOps: bigint;
}

const utf8 = new TextEncoder();
const DOMAIN = utf8.encode("deMEC execution v1");
/** An execution's encoding, all of fixed width, reused: one allocation less for every call. */
const encodedBytes = new Uint8Array(DOMAIN.length + 32 + 37 + 4 * 32);
const encoded = new DataView(encodedBytes.buffer);
encodedBytes.set(DOMAIN);
/** The hash of a call's input on its way into the encoding. */
const inputDigest = new Uint8Array(32);
const STREAMED_OUTPUT_DOMAIN = utf8.encode("deMEC streamed output v1");
const OUTPUT_DOMAIN = utf8.encode("deMEC output v1");
/** What an output's hash is taken of, reused. */
const outputBytes = new Uint8Array(OUTPUT_DOMAIN.length + 4 + 2 * 32);
const outputView = new DataView(outputBytes.buffer);
outputBytes.set(OUTPUT_DOMAIN);

/**
 * SHA-256 over a fixed-width encoding of all that decides an execution; the hash of its files stands at the end where it
 * has any, and is left out where it has none. No session and no call id is in it: two
 * receipts with the same execution hash and different results contradict each other wherever they were signed.
 * @param moduleHash SHA-256 of the module as published, before the meter rewrote it
 * @throws protocol/out-of-range naming a field that does not fit its width
 */
export function executionHash(moduleHash: Uint8Array, request: ExecutionRequest): Uint8Array {
  const input = request.byContent?.input;
  if (input === undefined) sha256Into(inputDigest, 0, request.input);
  else inputDigest.set(contentHash(input));
  return hashOf(moduleHash, request, request.shape === "command" ? 0 : 1, inputDigest);
}

/**
 * {@link executionHash} of a command whose input is a stream: a shape of its own, with the stream's hash in place of the
 * input's. Input that a call carries whole keeps the hash it always had.
 * @param inputHash digest of a StreamHash over what was offered: 32 bytes
 */
export function streamedExecutionHash(
  moduleHash: Uint8Array,
  request: ExecutionRequest,
  inputHash: Uint8Array,
): Uint8Array {
  return hashOf(moduleHash, request, 2, inputHash);
}

/** @throws protocol/out-of-range naming the first number of a request that does not fit its width */
export function assertRequestNumbers({ clockNs, limits }: Pick<ExecutionRequest, "clockNs" | "limits">): void {
  assertUint("clockNs", clockNs, UINT64_MAX);
  assertUint("limits.bitOps", limits.bitOps, UINT64_MAX);
  assertUint("limits.floatOps", limits.floatOps, UINT64_MAX);
  assertUint("limits.memoryPages", limits.memoryPages, 65_536);
  assertUint("limits.outputBytes", limits.outputBytes, UINT32_MAX);
}

function hashOf(moduleHash: Uint8Array, request: ExecutionRequest, shape: number, inputHash: Uint8Array): Uint8Array {
  const { limits } = request;
  assertRequestNumbers(request);
  let at = DOMAIN.length;
  const put = (bytes: Uint8Array) => {
    if (bytes.length !== 32) {
      throw new DemecError("protocol/out-of-range", `${bytes.length} bytes stand where a hash or seed of 32 is due.`);
    }
    encodedBytes.set(bytes, at);
    at += 32;
  };
  const argsHash = stringsHash(request.args);
  const envHash = environmentHash(request);
  put(moduleHash);
  encoded.setUint16(at, METER_VERSION);
  encoded.setUint16(at + 2, WASI_VERSION);
  encoded.setUint8(at + 4, shape);
  encoded.setBigUint64(at + 5, request.clockNs);
  encoded.setBigUint64(at + 13, limits.bitOps);
  encoded.setBigUint64(at + 21, limits.floatOps);
  encoded.setUint32(at + 29, limits.memoryPages);
  encoded.setUint32(at + 33, limits.outputBytes);
  at += 37;
  put(inputHash);
  put(argsHash);
  put(envHash);
  put(request.seed);
  if (request.files.length === 0) return sha256(encodedBytes);
  return sha256(encodedBytes, filesHash(request.files));
}

/** Commitment to the environment; nothing is computed for the empty one that nobody salted. */
function environmentHash({ env, envSalt }: ExecutionRequest): Uint8Array {
  if (env.length === 0 && isZero(envSalt)) return NO_ENVIRONMENT_HASH;
  return sha256(envSalt, stringsHash(env.flat()));
}

function isZero(salt: Uint8Array): boolean {
  for (let i = 0; i < salt.length; i++) if (salt[i] !== 0) return false;
  return salt.length === 32;
}

/** SHA-256 over the number of files, and of each its path, with its length before it, and the hash of its bytes. */
function filesHash(files: readonly RequestFile[]): Uint8Array {
  const parts = [uint32(files.length)];
  for (const { path, bytes } of files) {
    const name = utf8.encode(path);
    parts.push(uint32(name.length), name, sha256(bytes));
  }
  return sha256(...parts);
}

/** An outcome as far as its hash goes: with its output, or with what names it. */
export type OutputParts = Pick<ExecutionOutcome, "exitCode" | "output" | "stderr"> & {
  readonly outputContent?: ContentReference | undefined;
};

/** SHA-256 over exit code, output and stderr. */
export function outputHash(outcome: OutputParts): Uint8Array {
  const { length } = OUTPUT_DOMAIN;
  outputView.setUint32(length, outcome.exitCode);
  const { outputContent } = outcome;
  if (outputContent === undefined) sha256Into(outputBytes, length + 4, outcome.output);
  else outputBytes.set(contentHash(outputContent), length + 4);
  outputBytes.set(outcome.stderr.length === 0 ? EMPTY_HASH : sha256(outcome.stderr), length + 36);
  return sha256(outputBytes);
}

/**
 * {@link outputHash} of a streamed call: SHA-256 over exit code, the hash of the stream that stdout was, and stderr.
 * @param stdoutHash digest of a StreamHash: 32 bytes
 */
export function streamedOutputHash(exitCode: number, stdoutHash: Uint8Array, stderr: Uint8Array): Uint8Array {
  return sha256(STREAMED_OUTPUT_DOMAIN, uint32(exitCode), stdoutHash, sha256(stderr));
}

/** Bytes that count as usage: all of input and output, whichever way they took. */
export function usageBytes(request: ExecutionRequest, outcome: Pick<ExecutionOutcome, "output" | "stderr">): bigint {
  return inputBytes(request) + BigInt(outcome.output.length + outcome.stderr.length);
}

/** The input's share of {@link usageBytes}. */
export function inputBytes(request: ExecutionRequest): bigint {
  let bytes = request.byContent?.input?.length ?? request.input.length;
  if (request.args.length + request.env.length + request.files.length === 0) return BigInt(bytes);
  for (const text of [...request.args, ...request.env.flat()]) bytes += utf8.encode(text).length;
  for (const file of request.files) bytes += utf8.encode(file.path).length + file.bytes.length;
  return BigInt(bytes);
}

const EMPTY_HASH = sha256(new Uint8Array(0));
const NO_STRINGS_HASH = sha256(uint32(0));
const NO_ENVIRONMENT_HASH = sha256(new Uint8Array(32), NO_STRINGS_HASH);

function stringsHash(strings: readonly string[]): Uint8Array {
  if (strings.length === 0) return NO_STRINGS_HASH;
  const parts = [uint32(strings.length)];
  for (const text of strings) {
    const bytes = utf8.encode(text);
    parts.push(uint32(bytes.length), bytes);
  }
  return sha256(...parts);
}

function uint32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}
