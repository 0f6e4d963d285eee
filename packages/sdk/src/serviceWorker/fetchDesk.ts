import { toDemecError } from "@demec/chain";
import { DemecError, type Hex, sha256, toJson } from "@demec/protocol";
import { bytesToHex } from "viem";
import { begin, contentHeaders, executionFailed, receiptHeaders } from "../http/answer.ts";
import { type HttpCall, readCall } from "../http/callRequest.ts";
import { callStatusOf, problemFrom } from "../http/problem.ts";
import type { CallResult } from "../paidSession.ts";
import type { ServedService } from "./answerFetches.ts";
import { ResultCache } from "./resultCache.ts";
import type { ServiceClient } from "./serviceClient.ts";

/** What the visitor has to do something about first: no money, or no page to ask for it. */
const UNPAID: ReadonlySet<string> = new Set([
  "sdk/over-budget",
  "sdk/no-page",
  "sdk/no-wallet",
  "chain/insufficient-funds",
  "chain/insufficient-credits",
  "chain/insufficient-gas-money",
]);

export interface FetchDeskOptions {
  readonly services: Readonly<Record<string, ServedService>>;
  readonly prefix: string;
  readonly clients: ServiceClient;
  readonly cacheBytes: number;
  readonly deadlineMs: number;
  /** Sets its cache apart from others of the origin. */
  readonly store: string;
}

/** A service that an address names, and what else it says. */
export interface Named {
  readonly name: string;
  readonly args: readonly string[];
}

/** Answers requests by calls, or by what the same call gave before. */
export class FetchDesk {
  readonly #options: FetchDeskOptions;
  readonly #cache: ResultCache | null;

  constructor(options: FetchDeskOptions) {
    const { cacheBytes, store } = options;
    this.#options = options;
    this.#cache = cacheBytes > 0 ? new ResultCache(`${store}/results`, cacheBytes) : null;
  }

  /** @returns null for an address that names no service here: it is the network's */
  named({ pathname }: URL): Named | null {
    const { prefix, services } = this.#options;
    if (!pathname.startsWith(prefix)) return null;
    const [name = "", ...args] = pathname
      .slice(prefix.length)
      .replace(/\/$/, "")
      .split("/")
      .map((segment) => decoded(segment));
    return Object.hasOwn(services, name) ? { name, args } : null;
  }

  /** Never rejects: what goes wrong is told as a problem (RFC 9457). */
  async answer(request: Request, named: Named): Promise<Response> {
    try {
      // Anybody can lead a visitor to an address; only this site's own pages can fetch from it.
      if (request.mode === "navigate") {
        throw new DemecError("sdk/bad-request", `${request.url} can be fetched by pages, not opened.`);
      }
      return await this.#call(request, named);
    } catch (error) {
      if (request.signal.aborted) return Response.error();
      const known = toDemecError(error);
      const status = UNPAID.has(known.code) ? 402 : callStatusOf(known);
      const headers = { "content-type": "application/problem+json", "cache-control": "no-store" };
      return new Response(toJson(problemFrom(known, status)), { status, headers });
    }
  }

  async #call(request: Request, { name, args }: Named): Promise<Response> {
    const { services, clients, deadlineMs } = this.#options;
    const { service: serviceName, outputType = null } = services[name]!;
    const content = contentHeaders(outputType, request.headers.get("accept"));
    const { signal } = request;
    const call = await readCall(request, deadlineMs, args);
    const key = keyOf(serviceName, call);
    const kept = await this.#cache?.get(key);
    if (kept)
      return new Response(kept.body, {
        headers: { ...Object.fromEntries(kept.headers), ...content, "demec-cached": "true" },
      });

    const service = await clients.get(name);
    signal.throwIfAborted();
    const options = { ...call.options, signal };
    if (call.streamed) {
      const begun = await begin(service.stream(call.input, options));
      if ("receipt" in begun) throw executionFailed(begun);
      return new Response(streamOf(begun), { headers: content });
    }
    const result = await service.invoke(call.input, options);
    if (result.status !== "ok") throw executionFailed(result);
    const facts = receiptHeaders(result);
    await this.#cache?.put(key, result.output, facts);
    return new Response(new Uint8Array(result.output), { headers: { ...content, ...facts } });
  }
}

/** The output, no faster than it is taken; whoever stops reading takes the call back. */
function streamOf({
  first,
  output,
}: Exclude<Awaited<ReturnType<typeof begin>>, CallResult>): ReadableStream<Uint8Array> {
  let next: Promise<IteratorResult<Uint8Array, undefined>> | null = Promise.resolve(first);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await (next ?? output.next());
        next = null;
        if (!done) return controller.enqueue(value);
        const result = await output.result;
        if (result.status !== "ok") throw executionFailed(result);
        controller.close();
      },
      async cancel() {
        await output.return();
      },
    },
    { highWaterMark: 0 },
  );
}

/** What decides a result: the service, whose module never changes, and the call. */
function keyOf(service: string, { input, options: { args, env, files, limits } }: HttpCall): Hex {
  const hashed = Object.entries(files ?? {}).map(([path, bytes]) => [path, bytesToHex(sha256(bytes as Uint8Array))]);
  const call = toJson([service, bytesToHex(sha256(input)), args ?? [], env ?? {}, hashed, limits ?? {}]);
  return bytesToHex(sha256(new TextEncoder().encode(call)));
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
