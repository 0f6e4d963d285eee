import { DemecError, type Hex, type Limits, sha256 } from "@demec/protocol";
import { bytesToHex, concat } from "viem";
import type { CallOptions } from "../request.ts";

/** One call as an HTTP request asks for it. */
export interface HttpCall {
  readonly input: Uint8Array;
  readonly options: CallOptions & { readonly deadlineMs: number };
  /** The output is to come while it is made. */
  readonly streamed: boolean;
  /** Hash of the whole request. */
  readonly hash: Hex;
}

/** Limits that a query may name, and how they are written. */
const LIMITS = { bitOps: BigInt, floatOps: BigInt, memoryPages: Number, outputBytes: Number } as const;

/**
 * Reads a call from a request: `arg`, `env.NAME`, limits, `deadlineMs` and `stream` from the query; the input is the body, or
 * the part `input` of a form, which may have parts `arg`, `env.NAME` and `file` (its name is the path) besides.
 * @param maxDeadlineMs most, and what is taken when none is named
 * @param args of the call, before those that the request names
 * @throws sdk/bad-request
 */
export async function readCall(
  request: Request,
  maxDeadlineMs: number,
  args: readonly string[] = [],
): Promise<HttpCall> {
  const fields = new CallFields(maxDeadlineMs, args);
  const { pathname, search, searchParams } = new URL(request.url);
  for (const [name, value] of searchParams) fields.query(name, value);
  const body = new Uint8Array(await request.arrayBuffer());
  const type = request.headers.get("content-type") ?? "";
  if (/^multipart\/form-data\b/i.test(type)) {
    const form = await new Response(body, { headers: { "content-type": type } }).formData().catch((cause) => {
      throw badRequest("The body is not a form as its content type says.", {}, cause);
    });
    for (const [name, value] of form) await fields.part(name, value);
  } else {
    fields.input = body;
  }
  const head = new TextEncoder().encode(JSON.stringify([pathname, search, type]));
  return fields.made(bytesToHex(sha256(concat([sha256(head), sha256(body)]))));
}

class CallFields {
  input: Uint8Array = new Uint8Array(0);
  #streamed = false;
  #deadlineMs: number;
  readonly #maxDeadlineMs: number;
  readonly #args: string[];
  readonly #env: Record<string, string> = Object.create(null);
  readonly #files: Record<string, Uint8Array> = Object.create(null);
  readonly #limits: { -readonly [limit in keyof Limits]?: Limits[limit] } = {};

  constructor(maxDeadlineMs: number, args: readonly string[]) {
    this.#args = [...args];
    this.#maxDeadlineMs = maxDeadlineMs;
    this.#deadlineMs = maxDeadlineMs;
  }

  query(name: string, value: string): void {
    if (name === "stream") {
      if (value !== "true" && value !== "false")
        throw badRequest(`stream is "${value}", neither true nor false.`, { value });
      this.#streamed = value === "true";
    } else if (name === "deadlineMs") {
      this.#deadlineMs = integer(name, value);
      if (this.#deadlineMs < 1 || this.#deadlineMs > this.#maxDeadlineMs) {
        throw badRequest(`deadlineMs is ${value}, not from 1 to ${this.#maxDeadlineMs}.`, { value });
      }
    } else if (Object.hasOwn(LIMITS, name)) {
      const limit = name as keyof Limits;
      integer(name, value);
      Object.assign(this.#limits, { [limit]: LIMITS[limit](value) });
    } else {
      this.#field(name, value);
    }
  }

  async part(name: string, value: File | string): Promise<void> {
    if (name === "input") {
      this.input = typeof value === "string" ? new TextEncoder().encode(value) : await bytesOf(value);
    } else if (name === "file" && typeof value !== "string") {
      this.#files[value.name] = await bytesOf(value);
    } else if (typeof value === "string") {
      this.#field(name, value);
    } else {
      throw badRequest(`Part "${name}" is a file; files are in parts named "file".`, { name });
    }
  }

  made(hash: Hex): HttpCall {
    const env = { ...this.#env };
    const files = { ...this.#files };
    return {
      hash,
      input: this.input,
      streamed: this.#streamed,
      options: {
        deadlineMs: this.#deadlineMs,
        ...(this.#args.length > 0 && { args: this.#args }),
        ...(Object.keys(env).length > 0 && { env }),
        ...(Object.keys(files).length > 0 && { files }),
        ...(Object.keys(this.#limits).length > 0 && { limits: this.#limits }),
      },
    };
  }

  #field(name: string, value: string): void {
    if (name === "arg") this.#args.push(value);
    else if (/^env\.[^=]+$/.test(name)) this.#env[name.slice("env.".length)] = value;
    else throw badRequest(`Nothing is known by the name "${name}".`, { name });
  }
}

const bytesOf = async (file: File) => new Uint8Array(await file.arrayBuffer());

function integer(name: string, text: string): number {
  if (/^\d{1,19}$/.test(text)) return Number(text);
  throw badRequest(`${name} is "${text}", not an integer of at least 0.`, { name, text });
}

function badRequest(what: string, details: Readonly<Record<string, unknown>>, cause?: unknown): DemecError {
  return new DemecError("sdk/bad-request", what, { details, cause });
}
