import { DemecError, isDemecError } from "@demec/protocol/errors";
import { type ExecutionOutcome, type ExecutionRequest, statusName } from "@demec/protocol/execution";
import type { ModuleInfo } from "../engine.ts";
import type { ChildAnswer } from "../scheduling/child.ts";
import { FrameCursor, FrameWriter } from "./frames.ts";

/** Frames to the child. It answers load and run in their order, one frame each. */
export const TO_CHILD = { load: 1, run: 2, drop: 3, runStreamed: 4, input: 5 } as const;
/** Frames from the child. */
export const FROM_CHILD = { ready: 0, loaded: 1, outcome: 2, refused: 3, pull: 4, output: 5 } as const;

export interface RunFrame {
  readonly moduleId: number;
  /** By `machineMs`: the child does not begin later than this. */
  readonly deadlineAt: number;
  readonly request: ExecutionRequest;
}

const utf8 = new TextEncoder();
const NO_STRINGS: readonly Uint8Array[] = [];
/** A byte order mark is a character like any other. */
const text = new TextDecoder("utf-8", { ignoreBOM: true });
const NO_MAXIMUM = 0xffff_ffff;
const NO_SALT = new Uint8Array(32);
const NOTHING = new Uint8Array(0);

export function encodeLoad(moduleId: number, bytes: Uint8Array): Buffer {
  const frame = new FrameWriter(TO_CHILD.load, 4 + bytes.length);
  frame.u32(moduleId);
  frame.raw(bytes);
  return frame.bytes;
}

export function encodeDrop(moduleId: number): Buffer {
  const frame = new FrameWriter(TO_CHILD.drop, 4);
  frame.u32(moduleId);
  return frame.bytes;
}

/** The salt of the environment stays behind: it decides a hash, no execution. */
export function encodeRun({ moduleId, deadlineAt, request }: RunFrame, isStreamed: boolean): Buffer {
  const { limits } = request;
  const strings = stringsOf(request);
  const files = request.files.map(({ path, bytes }) => ({ path: utf8.encode(path), bytes }));
  let bytes = 4 + 8 + 1 + 8 + 32 + 24 + 12 + request.input.length;
  for (const string of strings) bytes += 4 + string.length;
  for (const file of files) bytes += 4 + file.path.length + 4 + file.bytes.length;
  const frame = new FrameWriter(isStreamed ? TO_CHILD.runStreamed : TO_CHILD.run, bytes);
  frame.u32(moduleId);
  frame.f64(deadlineAt);
  frame.u8(request.shape === "command" ? 0 : 1);
  frame.u64(request.clockNs);
  frame.raw(request.seed);
  frame.u64(limits.bitOps);
  frame.u64(limits.floatOps);
  frame.u32(limits.memoryPages);
  frame.u32(limits.outputBytes);
  frame.u32(request.args.length);
  frame.u32(request.env.length);
  frame.u32(files.length);
  for (const string of strings) frame.vector(string);
  for (const file of files) {
    frame.vector(file.path);
    frame.vector(file.bytes);
  }
  frame.raw(request.input);
  return frame.bytes;
}

function stringsOf({ args, env }: ExecutionRequest): readonly Uint8Array[] {
  if (args.length + env.length === 0) return NO_STRINGS;
  return [...args, ...env.flat()].map((string) => utf8.encode(string));
}

/** The input and the contents of files are views of the frame. */
export function decodeRun(frame: FrameCursor): RunFrame {
  const moduleId = frame.u32();
  const deadlineAt = frame.f64();
  const shape = frame.u8() === 0 ? "command" : "reactor";
  const clockNs = frame.u64();
  const seed = frame.raw(32);
  const limits = { bitOps: frame.u64(), floatOps: frame.u64(), memoryPages: frame.u32(), outputBytes: frame.u32() };
  const argCount = frame.u32();
  const envCount = frame.u32();
  const fileCount = frame.u32();
  const string = () => text.decode(frame.vector());
  const args = listOf(argCount, string);
  const env = listOf(envCount, () => [string(), string()] as const);
  const files = listOf(fileCount, () => ({ path: string(), bytes: frame.vector() }));
  const input = frame.rest();
  const request = { shape, input, args, env, files, envSalt: NO_SALT, clockNs, seed, limits } as const;
  return { moduleId, deadlineAt, request };
}

/** `Array.from` takes as long to make nothing as all the rest of a call's frame. */
function listOf<T>(length: number, next: () => T): T[] {
  const list: T[] = [];
  for (let i = 0; i < length; i++) list.push(next());
  return list;
}

/** Next input of the running streamed call; empty: its end. */
export function encodeInput(bytes: Uint8Array): Buffer {
  const frame = new FrameWriter(TO_CHILD.input, bytes.length);
  frame.raw(bytes);
  return frame.bytes;
}

export function encodePull(bytes: number): Buffer {
  const frame = new FrameWriter(FROM_CHILD.pull, 4);
  frame.u32(bytes);
  return frame.bytes;
}

export function encodeOutput(bytes: Uint8Array): Buffer {
  const frame = new FrameWriter(FROM_CHILD.output, bytes.length);
  frame.raw(bytes);
  return frame.bytes;
}

export function encodeReady(): Buffer {
  return new FrameWriter(FROM_CHILD.ready, 0).bytes;
}

export function encodeLoaded(info: ModuleInfo): Buffer {
  const frame = new FrameWriter(FROM_CHILD.loaded, 1 + 1 + 4 + 4 + 8);
  frame.u8(info.shape === "command" ? 0 : 1);
  frame.u8(info.hasInitialiser ? 1 : 0);
  frame.u32(info.initialPages);
  frame.u32(info.declaredMaximumPages ?? NO_MAXIMUM);
  frame.u64(info.instantiationBitOps);
  return frame.bytes;
}

export function encodeOutcome(outcome: ExecutionOutcome, durationMs: number): Buffer {
  const { output, stderr } = outcome;
  const frame = new FrameWriter(FROM_CHILD.outcome, 1 + 4 + 8 + 16 + 8 + output.length + stderr.length);
  frame.u8(outcome.status);
  frame.u32(outcome.exitCode);
  frame.f64(durationMs);
  frame.u64(outcome.bitOps);
  frame.u64(outcome.floatOps);
  frame.vector(output);
  frame.vector(stderr);
  return frame.bytes;
}

/** Anything that is no DemecError is the host's failure. */
export function encodeRefused(error: unknown): Buffer {
  const known = isDemecError(error)
    ? error
    : new DemecError("executor/host-failure", `The executor failed: ${error instanceof Error ? error.stack : error}.`);
  const what = known.message.slice(0, known.message.lastIndexOf(` [${known.code}]`));
  const details = JSON.stringify(known.details, (_, value) => (typeof value === "bigint" ? String(value) : value));
  const parts = [known.code, what, details].map((part) => utf8.encode(part));
  const frame = new FrameWriter(
    FROM_CHILD.refused,
    parts.reduce((sum, part) => sum + 4 + part.length, 0),
  );
  for (const part of parts) frame.vector(part);
  return frame.bytes;
}

/** Undefined for the ready frame. Whatever it keeps is copied. @throws on anything a child in good health would not say */
export function decodeAnswer(bytes: Buffer): ChildAnswer | undefined {
  const frame = new FrameCursor(bytes);
  const type = frame.u8();
  switch (type) {
    case FROM_CHILD.ready:
      return undefined;
    case FROM_CHILD.loaded: {
      const shape = frame.u8() === 0 ? "command" : "reactor";
      const hasInitialiser = frame.u8() === 1;
      const initialPages = frame.u32();
      const maximum = frame.u32();
      const declaredMaximumPages = maximum === NO_MAXIMUM ? undefined : maximum;
      const instantiationBitOps = frame.u64();
      const info = { shape, hasInitialiser, initialPages, declaredMaximumPages, instantiationBitOps } as const;
      return { type: "loaded", info };
    }
    case FROM_CHILD.outcome: {
      const status = frame.u8();
      if (statusName(status) === undefined) throw new Error(`there is no status ${status}`);
      const exitCode = frame.u32();
      const durationMs = frame.f64();
      const bitOps = frame.u64();
      const floatOps = frame.u64();
      const output = new Uint8Array(frame.vector());
      const errors = frame.vector();
      const stderr = errors.length === 0 ? NOTHING : new Uint8Array(errors);
      const outcome = { status: status as ExecutionOutcome["status"], exitCode, output, stderr, bitOps, floatOps };
      return { type: "outcome", outcome: { ...outcome, durationMs } };
    }
    case FROM_CHILD.pull:
      return { type: "pull", bytes: frame.u32() };
    case FROM_CHILD.output:
      return { type: "output", bytes: Uint8Array.from(frame.rest()) };
    case FROM_CHILD.refused: {
      const code = text.decode(frame.vector());
      const what = text.decode(frame.vector());
      if (!/^(wasm|executor)\/[a-z-]+$/.test(code)) throw new Error(`there is no code ${code}`);
      const details = JSON.parse(text.decode(frame.vector()));
      return { type: "refused", error: new DemecError(code as DemecError["code"], what, { details }) };
    }
  }
  throw new Error(`there is no frame of type ${type}`);
}
