import {
  type Ack,
  type ExecutionOutcome,
  type ExecutionRequest,
  STATUS,
  type StreamedEnd,
  statusName,
  UINT32_MAX,
} from "@demec/protocol";
import { type ExposurePolicy, promisedLatencyMs, type SessionTerms } from "./terms.ts";
import { longestLatencyMs } from "./worstCase.ts";

/**
 * Why no honest executor can have reported this end of this call, or null when one can.
 * @param streamed the end of a streamed call's streams
 */
export function implausibleOutcome(
  { request, streamed: isStreamed }: { readonly request: ExecutionRequest; readonly streamed: boolean },
  outcome: ExecutionOutcome,
  streamed: StreamedEnd | undefined,
): string | null {
  const { limits } = request;
  if (isStreamed !== (streamed !== undefined)) return `the call was ${isStreamed ? "" : "not "}to be streamed`;
  if (streamed !== undefined) {
    const { inputBytes } = streamed;
    if (outcome.output.length > 0) return `${outcome.output.length} bytes of output come beside those of the stream`;
    if (inputBytes > request.input.length)
      return `${inputBytes} of ${request.input.length} bytes of input were offered`;
  }
  if (statusName(outcome.status) === undefined) return `status ${outcome.status} is none`;
  if (outcome.bitOps < 0n || outcome.bitOps > limits.bitOps) {
    return `bitOps is ${outcome.bitOps}, outside 0 … ${limits.bitOps}`;
  }
  if (outcome.floatOps < 0n || outcome.floatOps > limits.floatOps) {
    return `floatOps is ${outcome.floatOps}, outside 0 … ${limits.floatOps}`;
  }
  const bytes = outcome.output.length + outcome.stderr.length + (streamed?.stdoutBytes ?? 0);
  if (bytes > limits.outputBytes) return `${bytes} bytes of output exceed the limit of ${limits.outputBytes}`;
  const exited = outcome.status === STATUS.exitCode;
  if (!Number.isInteger(outcome.exitCode) || outcome.exitCode < 0 || outcome.exitCode > UINT32_MAX) {
    return `exit code ${outcome.exitCode} is no uint32`;
  }
  if (exited !== (outcome.exitCode !== 0)) {
    return `exit code ${outcome.exitCode} doesn't go with status ${statusName(outcome.status)}`;
  }
  if (outcome.output.length > 0 && outcome.status !== STATUS.ok && !exited) {
    return `status ${statusName(outcome.status)} has ${outcome.output.length} bytes of output`;
  }
  return null;
}

/**
 * Why a provider can't have computed for so long, or null when it can. Clocks of two machines drift by less than a
 * thousandth.
 * @param elapsedMs since the call began, on the buyer's clock
 */
export function implausibleDuration(durationMs: number, elapsedMs: number, deadlineMs: number): string | null {
  if (!Number.isInteger(durationMs) || durationMs < 0) return `durationMs is ${durationMs}`;
  if (durationMs > Math.min(deadlineMs, Math.ceil(elapsedMs) + 1 + elapsedMs / 1000)) {
    return `durationMs is ${durationMs}, ${Math.ceil(elapsedMs)} ms after the call began`;
  }
  return null;
}

/**
 * Why a buyer can't have measured this, or null when it can.
 * @param elapsedMs from the call's arrival to its acknowledgement's, on the provider's clock
 */
export function implausibleAck(
  terms: SessionTerms,
  policy: ExposurePolicy,
  request: ExecutionRequest,
  { latencyMs, pingMs, breached }: Ack,
  elapsedMs: number,
  deadlineMs: number,
): string | null {
  const { tariff } = terms;
  const maxLatencyMs = promisedLatencyMs(terms, request);
  const seenMs = Math.ceil(elapsedMs);
  const longestMs = longestLatencyMs(terms, deadlineMs);
  for (const ms of [latencyMs, pingMs]) {
    if (!Number.isInteger(ms) || ms < 0 || ms > UINT32_MAX) return `${ms} ms is no uint32`;
  }
  if (request.byContent !== undefined && latencyMs > 0) return `latencyMs is ${latencyMs} for a call by content`;
  const matters = tariff.e !== 0n || maxLatencyMs > 0;
  if (matters && latencyMs > seenMs + policy.latencySlackMs) {
    return `latencyMs is ${latencyMs}, but only ${seenMs} ms passed`;
  }
  if ((tariff.e > 0n && latencyMs > longestMs) || (tariff.f > 0n && pingMs > longestMs)) {
    return `latencyMs is ${latencyMs} and pingMs ${pingMs}, where ${longestMs} is the most that is charged`;
  }
  if (tariff.f !== 0n && pingMs > policy.maxPingMs) return `pingMs is ${pingMs}, more than ${policy.maxPingMs}`;
  if (breached !== (maxLatencyMs > 0 && latencyMs > maxLatencyMs)) {
    return `breached is ${breached} at ${latencyMs} ms of ${maxLatencyMs}`;
  }
  return null;
}
