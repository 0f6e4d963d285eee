import type { ServerResponse } from "node:http";
import type { CallResult, OutputStream } from "@demec/sdk";
import { executionFailed, receiptHeaders } from "./answer.ts";

/** Names of what follows the output of a streamed call. */
const TRAILERS =
  "Demec-Status, Demec-Exit-Code, Demec-Credits, Demec-Usage, Demec-Receipt, Demec-Session, Demec-Provider";

/** A streamed call whose output has begun, or which has ended well without any. */
export interface BegunStream {
  readonly first: IteratorResult<Uint8Array, undefined>;
  readonly output: OutputStream;
}

/** Waits for the first of the output. @throws what the call failed with, or ended with other than ok, before any came */
export async function begin(output: OutputStream): Promise<BegunStream> {
  const first = await output.next();
  if (first.done) assertOk(await output.result);
  return { first, output };
}

/**
 * The output as an HTTP answer, no faster than it is taken: who hangs up takes the call back. The receipt follows in
 * trailers. A call that fails on the way, or ends otherwise than ok, leaves the answer without its end.
 * @param ended told of the result; null: there is none
 */
export function streamResponse(
  { first, output }: BegunStream,
  outgoing: ServerResponse,
  headers: Readonly<Record<string, string>>,
  ended: (result: CallResult | null) => void,
): Response {
  async function* bytes() {
    try {
      if (!first.done) yield first.value;
      yield* output;
      const result = await output.result;
      assertOk(result);
      outgoing.addTrailers(receiptHeaders(result));
    } finally {
      // Whoever left before the end took the call back.
      await output.return();
      ended(await output.result.catch(() => null));
    }
  }
  const chunks = bytes();
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await chunks.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      async cancel() {
        await chunks.return();
      },
    },
    // Nothing is taken from the program ahead of its reader.
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { ...headers, trailer: TRAILERS, "transfer-encoding": "chunked" } });
}

function assertOk(result: CallResult): void {
  if (result.status !== "ok") throw executionFailed(result);
}
