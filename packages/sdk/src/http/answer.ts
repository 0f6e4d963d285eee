import { DemecError, receiptLeaf } from "@demec/protocol";
import { bytesToHex } from "viem";
import type { OutputStream } from "../outputStream.ts";
import type { CallResult } from "../paidSession.ts";

/** Of what a function wrote to stderr so much is told; bytes. */
const MAX_STDERR_BYTES = 4_096;
/** What a function gives is a stranger's: whatever it calls itself, no browser runs it as a page of this origin. */
const INERT = {
  "x-content-type-options": "nosniff",
  "content-security-policy": "default-src 'none'; sandbox",
} as const;

/** What is known of a call before its end. @param type of the function's output; the caller's to say where nothing is known */
export function contentHeaders(type: string | null, accept: string | null | undefined): Record<string, string> {
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

/** What a function that did not end well is told as. */
export function executionFailed({ status, exitCode, credits, stderr }: CallResult): DemecError {
  const what = status === "exitCode" ? `exited with code ${exitCode}` : `ended with ${status}`;
  return new DemecError("sdk/execution-failed", `The function ${what}.`, {
    details: { status, exitCode, credits, stderr: new TextDecoder().decode(stderr.subarray(0, MAX_STDERR_BYTES)) },
  });
}

/** The type that the caller accepts, where it is one; who gives several leaves it open. */
function acceptedType(accept: string | null | undefined): string {
  return /^[\w.+-]+\/[\w.+-]+$/.test(accept ?? "") ? accept! : "application/octet-stream";
}

/** A streamed call whose output has begun, or which has ended ok without any. */
export interface BegunStream {
  readonly first: IteratorResult<Uint8Array, undefined>;
  readonly output: OutputStream;
}

/**
 * Waits for the first of the output.
 * @returns the result of a call that ended otherwise than ok before there was any
 * @throws what the call failed with before any came
 */
export async function begin(output: OutputStream): Promise<BegunStream | CallResult> {
  const first = await output.next();
  if (!first.done) return { first, output };
  const result = await output.result;
  return result.status === "ok" ? { first, output } : result;
}
