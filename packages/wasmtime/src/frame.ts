/**
 * The form in which calls and outcomes cross to and from the add-on: a fixed header, little-endian, reused for every call,
 * beside the bytes that vary. src/call.rs is the other end.
 */
import { DemecError } from "@demec/protocol/errors";
import type { ExecutionOutcome, ExecutionRequest, Status } from "@demec/protocol/execution";

export const HEADER_BYTES = 80;
const FAULT_HOST = 0xffff_ffff;
const FAULT_DEADLINE = 0xffff_fffe;
const NOTHING = new Uint8Array(0);
const utf8 = new TextEncoder();
const text = new TextDecoder();

/** @param deadlineMs wall-clock backstop; 0: none */
export function writeCall(header: DataView, request: ExecutionRequest, deadlineMs: number): void {
  const { limits } = request;
  header.setUint32(0, limits.memoryPages, true);
  header.setUint32(4, limits.outputBytes, true);
  header.setUint32(8, request.args.length, true);
  header.setUint32(12, request.env.length, true);
  header.setBigUint64(16, request.clockNs, true);
  header.setBigUint64(24, limits.bitOps, true);
  header.setBigUint64(32, limits.floatOps, true);
  header.setUint32(40, deadlineMs, true);
  header.setUint32(44, request.files.length, true);
  new Uint8Array(header.buffer, header.byteOffset, HEADER_BYTES).set(request.seed, 48);
}

/** Arguments and environment of a command: each with its length before it and a zero byte at its end. */
export function writeStrings(request: ExecutionRequest): Uint8Array {
  if (request.shape === "reactor" || request.args.length + request.env.length === 0) return NOTHING;
  const pairs = request.env.map(([name, value]) => `${name}=${value}`);
  const strings = [...request.args, ...pairs].map((string) => utf8.encode(`${string}\0`));
  return vectors(strings);
}

/** Path and content of every file, each with its length before it. */
export function writeFiles({ files }: ExecutionRequest): Uint8Array {
  if (files.length === 0) return NOTHING;
  return vectors(files.flatMap(({ path, bytes }) => [utf8.encode(path), bytes]));
}

function vectors(items: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(items.reduce((sum, item) => sum + 4 + item.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const item of items) {
    view.setUint32(at, item.length, true);
    bytes.set(item, at + 4);
    at += 4 + item.length;
  }
  return bytes;
}

/** Bytes that belong to an outcome, or say what a fault was. */
export function outcomeBytes(header: DataView): number {
  return header.getUint32(8, true) + header.getUint32(12, true);
}

/**
 * @param bytes output and stderr, one behind the other; may be kept
 * @throws executor/deadline when the backstop struck
 * @throws executor/host-failure on an end that is the host's
 */
export function readOutcome(header: DataView, bytes: Uint8Array): ExecutionOutcome {
  const status = header.getUint32(0, true);
  const outputLength = header.getUint32(8, true);
  if (status === FAULT_DEADLINE) throw new DemecError("executor/deadline", "The call did not end within its time.");
  if (status === FAULT_HOST) {
    throw new DemecError("executor/host-failure", `The host failed the program: ${text.decode(bytes)}.`);
  }
  const stderrLength = header.getUint32(12, true);
  return {
    status: status as Status,
    exitCode: header.getUint32(4, true),
    output: stderrLength === 0 ? bytes : bytes.slice(0, outputLength),
    stderr: stderrLength === 0 ? NOTHING : bytes.slice(outputLength),
    bitOps: header.getBigUint64(16, true),
    floatOps: header.getBigUint64(24, true),
  };
}
