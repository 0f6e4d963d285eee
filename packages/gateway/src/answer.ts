import { toJson } from "@demec/protocol";
import type { CallResult } from "@demec/sdk";
import { executionFailed, receiptHeaders } from "@demec/sdk/http";
import { problemOf } from "./problem.ts";

/** A whole HTTP answer, as it can be kept until it is paid. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
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
