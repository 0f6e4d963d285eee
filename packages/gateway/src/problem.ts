import { DemecError, ERROR_TABLE, type ErrorCode, isDemecError, toJson } from "@demec/protocol";

/** Status codes of errors; what is not named here is 503 when it may pass, else 500. */
const STATUS: { readonly [code in ErrorCode]?: number } = {
  "gateway/bad-request": 400,
  "gateway/not-found": 404,
  "gateway/body-too-large": 413,
  "gateway/foreign-origin": 403,
  "gateway/payment-required": 402,
  "gateway/payment-refused": 402,
  "gateway/not-settled": 402,
  "gateway/payment-in-use": 409,
  "access/required": 401,
  "access/expired": 401,
  "access/bad-token": 401,
  "access/bad-proof": 401,
  "access/replayed": 401,
  "access/bad-grant": 400,
  "access/wider-grant": 403,
  "access/refused": 403,
  "access/revoked": 403,
  "access/not-gated": 404,
  "access/calls-used-up": 403,
  "protocol/bad-files": 400,
  "protocol/out-of-range": 400,
  "protocol/frame-too-large": 413,
  "session/call-too-large": 400,
  "wasm/wrong-shape": 400,
  "sdk/execution-failed": 422,
  "sdk/call-fault": 502,
  "sdk/over-budget": 503,
};
/** What the gateway itself lacks: callers learn that it does, and no more of it. */
const OWN_ROOMS = /^(chain|curve|cli|network)\//;

/** How an error is told over HTTP (RFC 9457). Its type is a path of this gateway, which says what to do about it. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly code: ErrorCode;
  readonly retryable: boolean;
  readonly [extension: string]: unknown;
}

export const statusOf = (error: DemecError): number => {
  const { code, details } = error;
  if (code === "gateway/over-budget") return details.of === "subject" ? 429 : 503;
  // A call's end that the session engine or the provider gave it is told inside; what it means is told by that.
  if (code === "sdk/call-fault" && STATUS[String(details.code) as ErrorCode] === 400) return 400;
  // The payer has done its part, and may ask again.
  if (code === "gateway/not-settled" && details.pending === true) return 503;
  return STATUS[code] ?? (error.retryable ? 503 : 500);
};

/** @param error anything; what is no `DemecError` is nobody's business outside */
export function problemOf(error: unknown): Problem {
  const known = isDemecError(error)
    ? error
    : new DemecError("gateway/internal", "The gateway failed.", { cause: error });
  const { code, next, retryable, message, details } = known;
  const isOwn = OWN_ROOMS.test(code);
  return {
    type: `/errors/${code}`,
    title: next,
    status: statusOf(known),
    detail: isOwn ? "The gateway can't do this now." : message.replace(/ \[[^\]]+\] Next: .*$/s, ""),
    code,
    retryable,
    ...(isOwn ? undefined : { details }),
  };
}

export function problemResponse(error: unknown, headers: Readonly<Record<string, string>> = {}): Response {
  const problem = problemOf(error);
  const { status } = problem;
  return new Response(toJson(problem), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "cache-control": "no-store",
      ...(status === 401 && { "www-authenticate": "Bearer" }),
      ...((status === 503 || status === 429) && problem.retryable && { "retry-after": "1" }),
      ...headers,
    },
  });
}

/** What a problem's type leads to. */
export function describeProblem(code: string): Response | null {
  if (!Object.hasOwn(ERROR_TABLE, code)) return null;
  return new Response(toJson({ code, ...ERROR_TABLE[code as ErrorCode] }), {
    headers: { "content-type": "application/json" },
  });
}
