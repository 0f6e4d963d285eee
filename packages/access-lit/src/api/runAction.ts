import { parseAs } from "@demec/access/backend";
import { DemecError } from "@demec/protocol";
import * as z from "zod/mini";

/** Where Lit's REST API is, and who asks. */
export interface LitApiAccess {
  /** Such as `https://api.chipotle.litprotocol.com`. */
  readonly url: string;
  /** A usage key that may run the action; it is sent to `url` and stands in no error and no log. */
  readonly apiKey: string;
  /** How long an action may take; milliseconds, 30,000 by default. */
  readonly timeoutMs?: number | undefined;
}

const answerSchema = z.looseObject({ response: z.unknown(), has_error: z.optional(z.boolean()) });

/**
 * Runs an action's code.
 * @returns what it returned
 * @throws lit/unavailable when nothing can be said, lit/refused when Lit doesn't let the key run it
 */
export async function runAction(access: LitApiAccess, code: string, params: object): Promise<unknown> {
  const { url, apiKey, timeoutMs = 30_000 } = access;
  const endpoint = new URL("core/v1/lit_action", url.endsWith("/") ? url : `${url}/`);
  let status: number;
  let body: unknown;
  try {
    const answer = await fetch(endpoint, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Api-Key": apiKey },
      body: JSON.stringify({ code, js_params: params }),
      signal: AbortSignal.timeout(timeoutMs),
      // A key must not go where its owner didn't send it.
      redirect: "error",
    });
    status = answer.status;
    body = await answer.json().catch(() => null);
  } catch (cause) {
    throw unavailable(`Lit at ${endpoint.origin} does not answer.`, { cause });
  }
  const details = { status, origin: endpoint.origin };
  if (status === 401 || status === 402 || status === 403) {
    throw new DemecError("lit/refused", `Lit at ${endpoint.origin} refuses to run the action: status ${status}.`, {
      details,
    });
  }
  if (status !== 200) throw unavailable(`Lit at ${endpoint.origin} answered with status ${status}.`, { details });
  const { response, has_error } = parseAs(answerSchema, body, "lit/unavailable");
  if (has_error) throw unavailable(`The action failed in Lit at ${endpoint.origin}.`, { details });
  return typeof response === "string" ? parseText(response) : response;
}

/** Some actions' responses come as the text of JSON. */
function parseText(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unavailable("The action's response is not JSON.", { cause });
  }
}

function unavailable(what: string, more: { cause?: unknown; details?: Readonly<Record<string, unknown>> }): DemecError {
  return new DemecError("lit/unavailable", what, more);
}
