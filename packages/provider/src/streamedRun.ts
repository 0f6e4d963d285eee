import type { OutputWriter } from "@demec/network/portable";
import { DemecError, isDemecError } from "@demec/protocol";
import type { ExecutionResult } from "@demec/session";
import type { Call, CallPort } from "./executorPort.ts";
import { faultOf } from "./faultOf.ts";

/**
 * Runs a call whose output goes to the buyer while it runs. A buyer that is slow to take it holds the program back, and what
 * fails by that is no breach of ours.
 * @param openOutput begins the stream to the buyer; called at the first byte
 */
export async function runStreamed(
  executor: Pick<CallPort, "runStreamed">,
  call: Call,
  openOutput: () => OutputWriter,
): Promise<ExecutionResult> {
  const { input } = call.request;
  let writer: OutputWriter | undefined;
  let heldBackMs = 0;
  let waitsSinceMs: number | null = null;
  try {
    if (executor.runStreamed === undefined) throw new DemecError("executor/no-streaming", "Nothing is streamed here.");
    const { inputBytes, stdoutBytes, stdoutHash, inputHash, durationMs, ...outcome } = await executor.runStreamed({
      ...call,
      request: { ...call.request, input: new Uint8Array(0) },
      input: whole(input),
      onOutput: async (bytes) => {
        writer ??= openOutput();
        waitsSinceMs = performance.now();
        await writer.write(bytes);
        heldBackMs += performance.now() - waitsSinceMs;
        waitsSinceMs = null;
      },
    });
    writer?.end();
    return { outcome, durationMs, streamed: { inputBytes, stdoutBytes, stdoutHash } };
  } catch (error) {
    if (waitsSinceMs !== null) heldBackMs += performance.now() - waitsSinceMs;
    const fault = faultOf(error);
    const byReader = isDemecError(error, "executor/stream-failed") || isDemecError(error, "executor/no-streaming");
    const heldBack = isDemecError(error, "executor/deadline") && heldBackMs > HELD_BACK_MS;
    return { fault: { ...fault, breach: fault.breach && !byReader && !heldBack } };
  }
}

/** A deadline that passed after the buyer had held the program back for so long is the buyer's; milliseconds. */
const HELD_BACK_MS = 100;

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
