import {
  type ExecutionRequest,
  executionHash,
  outputHash,
  type Result,
  type StreamedEnd,
  StreamHash,
  streamedExecutionHash,
  streamedOutputHash,
  type Usage,
} from "@demec/protocol";

/** What a receipt commits to of an execution and of what came out; 32 bytes each. */
export interface ResultHashes {
  readonly executionHash: Uint8Array;
  readonly outputHash: Uint8Array;
}

/** What a receipt says of a result beside its status and its times; both ends compute it, each for itself. */
export interface Accounted extends ResultHashes, Pick<Usage, "bitOps" | "floatOps" | "bytes"> {}

/** The hashes of a call with this result, streamed or not. */
export function resultHashes(
  moduleHash: Uint8Array,
  request: ExecutionRequest,
  result: Pick<Result, "exitCode" | "output" | "stderr"> & { readonly streamed?: StreamedEnd | undefined },
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
 * Bytes of a call that count as usage. Of a streamed call's input, what was offered to the program.
 * @param inputLength of the whole request, see `inputBytes`
 */
export function countedBytes(request: ExecutionRequest, inputLength: bigint, result: Result): bigint {
  const { output, stderr, streamed } = result;
  if (streamed === undefined) return inputLength + BigInt(output.length + stderr.length);
  return inputLength + BigInt(streamed.inputBytes - request.input.length + streamed.stdoutBytes + stderr.length);
}

/** @param inputLength see {@link countedBytes} */
export function accounted(
  moduleHash: Uint8Array,
  request: ExecutionRequest,
  inputLength: bigint,
  result: Result,
): Accounted {
  const { bitOps, floatOps } = result;
  const { executionHash, outputHash } = resultHashes(moduleHash, request, result);
  return { executionHash, outputHash, bitOps, floatOps, bytes: countedBytes(request, inputLength, result) };
}
