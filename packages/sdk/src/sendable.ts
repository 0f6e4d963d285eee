import { DemecError, type ExecutionRequest, frameBytes, MAX_OUTPUT_BYTES } from "@demec/protocol";

/** Input alone, shorter than this, fits a message, whatever its encoding adds. */
const SURELY_SENDABLE_BYTES = 1 << 20;

/** @throws protocol/out-of-range, protocol/frame-too-large for a call, or an answer, that no message could carry */
export function assertSendable(request: ExecutionRequest): void {
  const { outputBytes } = request.limits;
  if (outputBytes > MAX_OUTPUT_BYTES && request.byContent?.output === undefined) {
    throw new DemecError("protocol/out-of-range", `limits.outputBytes is ${outputBytes}, above ${MAX_OUTPUT_BYTES}.`, {
      details: { outputBytes, max: MAX_OUTPUT_BYTES },
    });
  }
  const { args, env, files, input } = request;
  if (args.length + env.length + files.length === 0 && input.length < SURELY_SENDABLE_BYTES) return;
  const message = { type: "invoke", callId: Number.MAX_SAFE_INTEGER, request, deadlineMs: 0xffff_ffff } as const;
  frameBytes({ type: "session", handle: 0xffff_ffff, message });
}
