import type { DemecError, ErrorCode } from "@demec/protocol";

/** Status codes of what a call may end in; what is not named here is 503 when it may pass, else 500. */
const STATUS: { readonly [code in ErrorCode]?: number } = {
  "protocol/bad-files": 400,
  "protocol/out-of-range": 400,
  "protocol/frame-too-large": 413,
  "session/call-too-large": 400,
  "wasm/wrong-shape": 400,
  "sdk/bad-request": 400,
  "sdk/execution-failed": 422,
  "sdk/call-fault": 502,
};

/** How an error is told over HTTP (RFC 9457). Its type is a path, its title says what to do about it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly [extension: string]: unknown;
}

/** Status code of a call's failure. */
export function callStatusOf({ code, details, retryable }: DemecError): number {
  // A call's end that the session engine or the provider gave it is told inside; what it means is told by that.
  if (code === "sdk/call-fault" && STATUS[String(details.code) as ErrorCode] === 400) return 400;
  return STATUS[code] ?? (retryable ? 503 : 500);
}

/** @param instead what is told where the error's own words and details are nobody's business outside */
export function problemFrom(
  { code, next, retryable, message, details }: DemecError,
  status: number,
  instead: string | null = null,
): Problem {
  return {
    type: `/errors/${code}`,
    title: next,
    status,
    detail: instead ?? message.replace(/ \[[^\]]+\] Next: .*$/s, ""),
    code,
    retryable,
    ...(instead === null && { details }),
  };
}
