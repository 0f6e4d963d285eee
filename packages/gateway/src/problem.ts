import { DemecError, ERROR_TABLE, type ErrorCode, isDemecError, toJson } from "@demec/protocol";
import { callStatusOf, type Problem, problemFrom } from "@demec/sdk/http";

/** Status codes of errors that are not those of any call. */
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
  "sdk/over-budget": 503,
};
/** What the gateway itself lacks: callers learn that it does, and no more of it. */
const OWN_ROOMS = /^(chain|curve|cli|network)\//;

export const statusOf = (error: DemecError): number => {
  const { code, details } = error;
  if (code === "gateway/over-budget") return details.of === "subject" ? 429 : 503;
  // The payer has done its part, and may ask again.
  if (code === "gateway/not-settled" && details.pending === true) return 503;
  return STATUS[code] ?? callStatusOf(error);
};

/** @param error anything; what is no `DemecError` is nobody's business outside */
export function problemOf(error: unknown): Problem {
  const known = isDemecError(error)
    ? error
    : new DemecError("gateway/internal", "The gateway failed.", { cause: error });
  const isOwn = OWN_ROOMS.test(known.code);
  return problemFrom(known, statusOf(known), isOwn ? "The gateway can't do this now." : null);
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
