import { DemecError } from "@demec/protocol";
import type { CallResult } from "@demec/sdk";
import { begin, contentHeaders, type HttpCall, readCall } from "@demec/sdk/http";
import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import { type Answer, answerOf } from "./answer.ts";
import { type Bill, budgetBill } from "./bill.ts";
import type { Endpoint } from "./endpoint.ts";
import type { GatewayLimits } from "./options.ts";
import { problemResponse, statusOf } from "./problem.ts";
import { streamResponse } from "./streamed.ts";
import type { Till } from "./x402/till.ts";

export type HttpContext = Context<{ Bindings: HttpBindings }>;

/** Under whose name calls of an endpoint without a gate are booked. */
const ANYONE = "anyone";

/** Answers requests for calls: who asks is let in, or pays; what it may cost is reserved; then the call is made. */
export class CallDesk {
  readonly #limits: GatewayLimits;
  /** Told of each call that ended with a receipt. */
  readonly #onResult: (endpoint: Endpoint, result: CallResult) => void;
  #running = 0;
  #draining = false;
  #idle: () => void = () => {};

  constructor(limits: GatewayLimits, onResult: (endpoint: Endpoint, result: CallResult) => void) {
    this.#limits = limits;
    this.#onResult = onResult;
  }

  get running(): number {
    return this.#running;
  }

  get draining(): boolean {
    return this.#draining;
  }

  /** Takes no more calls. @returns how many are under way still after this time */
  async drain(timeoutMs: number): Promise<number> {
    this.#draining = true;
    if (this.#running > 0) {
      let timer: NodeJS.Timeout | undefined;
      await new Promise<void>((resolve) => {
        this.#idle = resolve;
        timer = setTimeout(resolve, timeoutMs);
      });
      clearTimeout(timer);
    }
    return this.#running;
  }

  /** @throws what the request can't be answered with; see `problemOf` */
  async answer(c: HttpContext, endpoint: Endpoint): Promise<Response> {
    this.#enter();
    let streams = false;
    const onStream = () => {
      streams = true;
    };
    try {
      const token = /^Bearer +(\S+)$/i.exec(c.req.header("authorization") ?? "")?.[1];
      const { till, gate } = endpoint;
      // Where there is no gate a token means nothing: it is no way around paying.
      if (till !== null && (token === undefined || gate === null)) {
        const call = await readCall(c.req.raw, this.#limits.deadlineMs);
        return await this.#sell(c, endpoint, till, call, onStream);
      }
      const book = await admit(endpoint, token);
      const call = await readCall(c.req.raw, this.#limits.deadlineMs);
      const bill = budgetBill(await book(endpoint.worstCredits(call)));
      return await this.#serve(c, endpoint, call, bill, onStream);
    } finally {
      if (!streams) this.#leave();
    }
  }

  /** Answers whoever pays for the call; where there is no good payment, with what it costs. */
  async #sell(c: HttpContext, endpoint: Endpoint, till: Till, call: HttpCall, onStream: () => void): Promise<Response> {
    const sale = {
      ...{ credits: endpoint.worstCredits(call), requestHash: call.hash, url: c.req.url },
      description: endpoint.service.metadata.description ?? endpoint.service.metadata.name,
    };
    try {
      const header = c.req.header("payment-signature");
      if (header === undefined) {
        throw new DemecError("gateway/payment-required", `A call of ${endpoint.title} is to be paid for.`);
      }
      return await this.#serve(c, endpoint, call, await till.take(header, sale), onStream);
    } catch (error) {
      if (!(error instanceof DemecError) || statusOf(error) !== 402) throw error;
      return problemResponse(error, await till.terms(sale, error.code));
    }
  }

  /** @param onStream told when the call outlives this request's handling */
  async #serve(
    c: HttpContext,
    endpoint: Endpoint,
    call: HttpCall,
    bill: Bill,
    onStream: () => void,
  ): Promise<Response> {
    const { service } = endpoint;
    const { outgoing } = c.env;
    const content = contentHeaders(endpoint.outputType, c.req.header("accept"));
    let result: CallResult | null = null;
    const end = (ended: CallResult | null) => {
      bill.end(ended);
      if (ended !== null) this.#onResult(endpoint, ended);
    };
    let isStreaming = false;
    try {
      const kept = await bill.collect();
      if (kept !== null) return deliver(kept);
      const options = { ...call.options, signal: c.req.raw.signal };
      if (call.streamed) {
        const output = service.stream(call.input, options);
        const begun = await begin(output);
        if ("receipt" in begun) {
          result = begun;
          return deliver(await bill.sell(answerOf(result, content)));
        }
        const headers = await bill.settle().catch(async (error) => {
          await output.return();
          throw error;
        });
        isStreaming = true;
        onStream();
        return streamResponse(begun, outgoing, { ...content, ...headers }, (ended) => {
          end(ended);
          this.#leave();
        });
      }
      result = await service.invoke(call.input, options);
      return deliver(await bill.sell(answerOf(result, content)));
    } finally {
      if (!isStreaming) end(result);
    }

    function deliver({ status, headers, body }: Answer): Response {
      // Of an answer that did not leave as a whole, nothing is forgotten.
      outgoing.once("finish", () => void bill.delivered().catch(() => undefined));
      return new Response(new Uint8Array(body), { status, headers });
    }
  }

  #enter(): void {
    if (this.#draining) throw new DemecError("gateway/busy", "This gateway is being stopped.");
    const { calls } = this.#limits;
    if (this.#running >= calls) {
      throw new DemecError("gateway/busy", `${calls} calls are under way, which is the most.`, { details: { calls } });
    }
    this.#running++;
  }

  #leave(): void {
    this.#running--;
    if (this.#running === 0) this.#idle();
  }
}

/**
 * Lets the bearer of a token in, or anybody where there is no gate.
 * @returns reserves the worst of a call in the caller's name
 * @throws access/required, access/bad-token, access/expired, access/refused, access/revoked, access/replayed
 */
async function admit(endpoint: Endpoint, token: string | undefined) {
  const { gate } = endpoint;
  if (gate === null) return (worst: bigint) => endpoint.reserve(ANYONE, worst);
  if (token === undefined) {
    throw new DemecError("access/required", `${endpoint.title} is open to token holders alone.`);
  }
  const claims = await gate.admit(token);
  return (worst: bigint) => {
    gate.countCall(claims);
    return endpoint.reserve(claims.subject, worst);
  };
}
