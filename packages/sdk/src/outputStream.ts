import type { OutputSink } from "@demec/network/portable";
import { type StreamedEnd, StreamHash } from "@demec/protocol";
import type { CallResult } from "./paidSession.ts";

const EMPTY_HASH = new StreamHash().digest();

/**
 * What a running command writes to stdout, chunk by chunk, for one reader; `ReadableStream.from` makes a stream of it. Chunks are
 * provisional until `result` has resolved. A reader that pauses holds the program back, within its deadline.
 */
export class OutputStream implements AsyncIterableIterator<Uint8Array>, OutputSink {
  /** The call's end, with the receipt over all that came; see `Service.invoke`. */
  readonly result: Promise<CallResult>;
  readonly #withdrawn = new AbortController();
  readonly #chunks: Uint8Array[] = [];
  #consumed: (bytes: number) => void = () => {};
  #came: { readonly bytes: number; readonly hash: Uint8Array } | null = null;
  #hasBegun = false;
  #end: { readonly error: unknown } | "ok" | null = null;
  #wake: () => void = () => {};

  /**
   * @param run makes the call, which gives its output to the stream it is told
   * @param signal of the caller
   */
  constructor(
    run: (output: OutputStream, signal: AbortSignal) => Promise<CallResult>,
    signal: AbortSignal | undefined,
  ) {
    const { signal: withdrawn } = this.#withdrawn;
    this.result = run(this, signal === undefined ? withdrawn : AbortSignal.any([signal, withdrawn]));
    this.result.then(
      () => this.#finish("ok"),
      (error) => this.#finish({ error }),
    );
  }

  /** Whether something of the output has come. */
  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  /** The provider begins to send. @param consumed told as the reader takes chunks */
  begin(consumed: (bytes: number) => void): void {
    this.#hasBegun = true;
    this.#consumed = consumed;
  }

  write(bytes: Uint8Array): void {
    this.#chunks.push(bytes.slice());
    this.#wake();
  }

  end(bytes: number, hash: Uint8Array): void {
    this.#came = { bytes, hash };
  }

  /** The call will fail, which tells more. */
  abort(): void {}

  /** Whether all that the provider's result tells of has come. */
  isWhole({ stdoutBytes, stdoutHash }: StreamedEnd): boolean {
    const { bytes, hash } = this.#came ?? { bytes: 0, hash: EMPTY_HASH };
    const isSame = stdoutBytes === bytes && stdoutHash.every((byte, i) => byte === hash[i]);
    return isSame && (this.#came !== null || !this.#hasBegun);
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    for (;;) {
      const chunk = this.#chunks.shift();
      if (chunk !== undefined) {
        this.#consumed(chunk.length);
        return { done: false, value: chunk };
      }
      if (this.#end === "ok") return { done: true, value: undefined };
      if (this.#end !== null) throw this.#end.error;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** The reader leaves: the call is withdrawn if it still runs. */
  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#withdrawn.abort();
    this.#chunks.length = 0;
    return { done: true, value: undefined };
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #finish(end: { readonly error: unknown } | "ok"): void {
    this.#end = end;
    this.#wake();
  }
}
