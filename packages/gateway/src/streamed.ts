import type { ServerResponse } from "node:http";
import type { CallResult } from "@demec/sdk";
import { type BegunStream, executionFailed, receiptHeaders } from "@demec/sdk/http";

/** Names of what follows the output of a streamed call. */
const TRAILERS =
  "Demec-Status, Demec-Exit-Code, Demec-Credits, Demec-Usage, Demec-Receipt, Demec-Session, Demec-Provider";

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
  let isOver = false;
  const end = async () => {
    if (isOver) return;
    isOver = true;
    // Whoever left before the end takes the call back.
    await output.return();
    ended(await output.result.catch(() => null));
  };
  let next: Promise<IteratorResult<Uint8Array, undefined>> | null = Promise.resolve(first);
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>) => {
    const { done, value } = await (next ?? output.next());
    next = null;
    if (!done) return controller.enqueue(value);
    const result = await output.result;
    if (result.status !== "ok") throw executionFailed(result);
    outgoing.addTrailers(receiptHeaders(result));
    await end();
    controller.close();
  };
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          await pull(controller);
        } catch (error) {
          await end();
          throw error;
        }
      },
      cancel: end,
    },
    // Nothing is taken from the program ahead of its reader.
    { highWaterMark: 0 },
  );
  return new Response(body, { headers: { ...headers, trailer: TRAILERS, "transfer-encoding": "chunked" } });
}
