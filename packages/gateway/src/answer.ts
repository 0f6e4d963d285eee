import { DemecError, receiptLeaf, toJson } from "@demec/protocol";
import type { CallResult } from "@demec/sdk";
import { bytesToHex } from "viem";
import { problemOf } from "./problem.ts";

/** A whole HTTP answer, as it can be kept until it is paid. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
}

/** Of what a function wrote to stderr so much is told; bytes. */
const MAX_STDERR_BYTES = 4_096;
/** What a function gives is a stranger's: whatever it calls itself, no browser runs it as a page of this origin. */
const INERT = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; sandbox",
} as const;

/** What is known of a call before its end. @param type of the function's output; the caller's to say where nothing is known */
export function contentHeaders(type: string | null, accept: string | undefined): Record<string, string> {
  return { "content-type": type ?? acceptedType(accept), ...INERT };
}

/** What there is to know of a call that has ended, in headers; numbers of credits have 18 decimals. */
export function receiptHeaders({
  status,
  exitCode,
  credits,
  usage,
  receipt,
  session,
}: CallResult): Record<string, string> {
  const { bitOps, floatOps, bytes, durationMs } = usage;
  return {
    "demec-status": status,
    "demec-exit-code": `${exitCode}`,
    "demec-credits": `${credits}`,
    "demec-usage": `bitops=${bitOps}, floatops=${floatOps}, bytes=${bytes}, duration-ms=${durationMs}`,
    "demec-receipt": bytesToHex(receiptLeaf(receipt)),
    "demec-session": session.sessionId,
    "demec-provider": session.params.provider,
  };
}

/**
 * The answer to a call that has reached its end, with a receipt: its output, or how else it ended.
 * @param content headers of the output
 */
export function answerOf(result: CallResult, content: Readonly<Record<string, string>>): Answer {
  const facts = receiptHeaders(result);
  if (result.status === "ok") {
    return { status: 200, headers: { ...content, ...facts }, body: result.output };
  }
  const problem = problemOf(executionFailed(result));
  const body = new TextEncoder().encode(toJson(problem));
  return { status: problem.status, headers: { "content-type": "application/problem+json", ...facts }, body };
}

export function executionFailed({ status, exitCode, credits, stderr }: CallResult): DemecError {
  const what = status === "exitCode" ? `exited with code ${exitCode}` : `ended with ${status}`;
  return new DemecError("sdk/execution-failed", `The function ${what}.`, {
    details: { status, exitCode, credits, stderr: new TextDecoder().decode(stderr.subarray(0, MAX_STDERR_BYTES)) },
  });
}

/** The type that the caller accepts, where it is one; who gives several leaves it open. */
function acceptedType(accept = ""): string {
  return /^[\w.+-]+\/[\w.+-]+$/.test(accept) ? accept : "application/octet-stream";
}
