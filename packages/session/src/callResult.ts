import {
  type Ack,
  type ExecutionRequest,
  executionHash,
  type OutputParts,
  outputHash,
  type Receipt,
  type Result,
  type StreamedEnd,
  StreamHash,
  streamedExecutionHash,
  streamedOutputHash,
} from "@demec/protocol";
import type { ExecutionOutput } from "./effects.ts";
import { equalBytes } from "./hex.ts";
import { moduleOf, type SessionTerms } from "./terms.ts";

const NOTHING = new Uint8Array(0);

/** What a receipt commits to of an execution and of what came out; 32 bytes each. */
export interface ResultHashes {
  readonly executionHash: Uint8Array;
  readonly outputHash: Uint8Array;
}

/** The hashes of a call with this result, streamed or not. */
export function resultHashes(
  moduleHash: Uint8Array,
  request: ExecutionRequest,
  result: OutputParts & { readonly streamed?: StreamedEnd | undefined },
): ResultHashes {
  const { exitCode, stderr, streamed } = result;
  if (streamed === undefined) {
    return { executionHash: executionHash(moduleHash, request), outputHash: outputHash(result) };
  }
  const offered = new StreamHash();
  offered.update(request.input.subarray(0, streamed.inputBytes));
  return {
    executionHash: streamedExecutionHash(moduleHash, request, offered.digest()),
    outputHash: streamedOutputHash(exitCode, streamed.stdoutHash, stderr),
  };
}

/**
 * Bytes of a call that count as usage, whichever way they took. Of a streamed call's input, what was offered to the program.
 * @param inputLength of the whole request, see `inputBytes`
 */
export function countedBytes(request: ExecutionRequest, inputLength: bigint, result: Result): bigint {
  const { stderr, streamed } = result;
  const output = result.outputContent ?? result.output;
  if (streamed === undefined) return inputLength + BigInt(output.length + stderr.length);
  return inputLength + BigInt(streamed.inputBytes - request.input.length + streamed.stdoutBytes + stderr.length);
}

/**
 * The receipt of a call; both ends make it, each for itself.
 * @param inputLength see {@link countedBytes}
 * @param ack what the buyer measured
 */
export function receiptOf(
  moduleHash: Uint8Array,
  { request, inputLength }: { readonly request: ExecutionRequest; readonly inputLength: bigint },
  result: Result,
  { latencyMs, pingMs, breached }: Pick<Ack, "latencyMs" | "pingMs" | "breached">,
): Receipt {
  const { status, bitOps, floatOps, durationMs } = result;
  const { executionHash, outputHash } = resultHashes(moduleHash, request, result);
  const bytes = countedBytes(request, inputLength, result);
  const usage = { bitOps, floatOps, bytes, durationMs, latencyMs, pingMs };
  return { executionHash, outputHash, status, breached, usage };
}

/** Whether two requests are for one execution. */
export function isSameRequest(terms: SessionTerms, a: ExecutionRequest, b: ExecutionRequest): boolean {
  const hash = (request: ExecutionRequest) => executionHash(moduleOf(terms, request), request);
  return a === b || equalBytes(hash(a), hash(b));
}

/** What is sent of an end in the executor. */
export function resultOf(callId: number, ended: ExecutionOutput, deadlineMs: number): Result {
  const { status, exitCode, output, stderr, bitOps, floatOps } = ended.outcome;
  const { streamed, outputContent } = ended;
  const durationMs = Math.min(Math.max(0, Math.ceil(ended.durationMs)), deadlineMs);
  const plain: Result = { type: "result", callId, status, exitCode, output, stderr, bitOps, floatOps, durationMs };
  if (streamed !== undefined) return { ...plain, streamed };
  return outputContent === undefined ? plain : { ...plain, output: NOTHING, outputContent };
}
