import { type ContentReference, DemecError, type Shape } from "@demec/protocol";
import type { OutputStream } from "./outputStream.ts";
import type { CallResult } from "./paidSession.ts";
import type { CallOptions, StreamOptions } from "./request.ts";
import type { CallInput, Service } from "./service.ts";
import { makeCodec } from "./typed/codec.ts";
import type { FunctionSchema, InputOf, OutputOf } from "./typed/functionSchema.ts";
import { TypedFunction } from "./typed/typedFunction.ts";

/** A module of the buyer's own, on a service that has none: called like a service's function. */
export class OwnModule {
  /** What providers are told to fetch. */
  readonly content: ContentReference;
  readonly #service: Service;
  readonly #shape: Shape | undefined;

  constructor(service: Service, content: ContentReference, shape: Shape | undefined) {
    this.#service = service;
    this.content = content;
    this.#shape = shape;
  }

  /** @throws as `Service.call` */
  call(input: CallInput, options: CallOptions = {}): Promise<Uint8Array> {
    return this.#service.call(input, this.#with(options));
  }

  /** @throws as `Service.invoke` */
  invoke(input: CallInput, options: CallOptions = {}): Promise<CallResult> {
    return this.#service.invoke(input, this.#with(options));
  }

  /** @throws as `Service.stream` */
  stream(input: Uint8Array | string, options: StreamOptions = {}): OutputStream {
    return this.#service.stream(input, this.#with(options));
  }

  /** @throws sdk/bad-schema */
  async typed<const S extends FunctionSchema>(schema: S): Promise<TypedFunction<InputOf<S>, OutputOf<S>>> {
    return new TypedFunction(this.#service, this, await makeCodec(schema));
  }

  #with(options: CallOptions): CallOptions {
    const { content: module } = this;
    return this.#shape === undefined ? { ...options, module } : { shape: this.#shape, ...options, module };
  }
}

/**
 * What kind of function a module is, by its exports.
 * @throws sdk/bad-module for bytes that are no WebAssembly
 */
export async function shapeOf(module: Uint8Array): Promise<Shape> {
  let compiled: WebAssembly.Module;
  try {
    compiled = await WebAssembly.compile(module as Uint8Array<ArrayBuffer>);
  } catch (cause) {
    throw new DemecError("sdk/bad-module", `These ${module.length} bytes are no WebAssembly module.`, { cause });
  }
  const names = new Set(WebAssembly.Module.exports(compiled).map(({ name }) => name));
  return ["memory", "alloc", "handle"].every((name) => names.has(name)) ? "reactor" : "command";
}
