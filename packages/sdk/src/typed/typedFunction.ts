import type { CallResult } from "../paidSession.ts";
import type { CallOptions } from "../request.ts";
import type { Service } from "../service.ts";
import type { Codec } from "./codec.ts";

/** What is called underneath: a `Service`, or an `OwnModule` on one. */
export type Callable = Pick<Service, "call" | "invoke">;

/** A call's end with what its output stands for. */
export interface TypedResult<Output> extends CallResult {
  /** Only where the call ended ok. */
  readonly value: Output | undefined;
}

/** A function that is called with values instead of bytes. */
export class TypedFunction<Input, Output> {
  /** Where it is bought, left and sold back. */
  readonly service: Service;
  readonly #callable: Callable;
  readonly #codec: Codec;

  constructor(service: Service, callable: Callable, codec: Codec) {
    this.service = service;
    this.#callable = callable;
    this.#codec = codec;
  }

  /**
   * Calls the function and gives its output. The input is checked before anything is bought or sent, the output before
   * anybody gets it.
   * @throws sdk/input-mismatch; sdk/output-mismatch for a call that was charged: the provider's receipt is over this very
   * output, so a publisher's function that breaks its own schema can be shown; and what `Service.call` throws
   */
  async call(input: Input, options?: CallOptions): Promise<Output> {
    const output = await this.#callable.call(await this.#codec.encode(input), options);
    return (await this.#codec.decode(output)) as Output;
  }

  /** Like {@link call}, but gives every deterministic end, with its receipt and cost. @throws as `call` and `Service.invoke` */
  async invoke(input: Input, options?: CallOptions): Promise<TypedResult<Output>> {
    const result = await this.#callable.invoke(await this.#codec.encode(input), options);
    const value = result.status === "ok" ? ((await this.#codec.decode(result.output)) as Output) : undefined;
    return { ...result, value };
  }
}
