import {
  type ExecutionRequest,
  executionHash,
  outputHash,
  type Result,
  StreamHash,
  streamedExecutionHash,
  streamedOutputHash,
  type Usage,
} from "@demec/protocol";

/** What a receipt says of a result beside its status and its times; both ends compute it, each for itself. */
export interface Accounted extends Pick<Usage, "bitOps" | "floatOps" | "bytes"> {
  readonly executionHash: Uint8Array;
  readonly outputHash: Uint8Array;
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
  const { bitOps, floatOps, exitCode, stderr, streamed } = result;
  const bytes = countedBytes(request, inputLength, result);
  if (streamed === undefined) {
    const hashes = { executionHash: executionHash(moduleHash, request), outputHash: outputHash(result) };
    return { ...hashes, bitOps, floatOps, bytes };
  }
  const offered = new StreamHash();
  offered.update(request.input.subarray(0, streamed.inputBytes));
  return {
    executionHash: streamedExecutionHash(moduleHash, request, offered.digest()),
    outputHash: streamedOutputHash(exitCode, streamed.stdoutHash, stderr),
    bitOps,
    floatOps,
    bytes,
  };
}
