import { DemecError } from "@demec/protocol/errors";
import { StreamHash } from "@demec/protocol/stream-hash";
import type { Child } from "./child.ts";

/** Input is passed on in pieces of this size at most. */
const PIECE_BYTES = 1 << 18;

/** Takes a chunk of output; what it returns is waited for before the program may write much more. */
export type OutputHandler = (bytes: Uint8Array) => void | Promise<void>;

/** The parent's end of a streamed call: moves input as the child asks for it, output as the caller takes it, and hashes both. */
export class StreamPump {
  readonly input = new StreamHash();
  readonly output = new StreamHash();
  private readonly source: AsyncIterator<Uint8Array>;
  private readonly onOutput: OutputHandler;
  private readonly onFailure: (error: DemecError) => void;
  private child: Child | undefined;
  /** Bytes the child has room for. */
  private room = 0;
  private isPumping = false;
  private isOver = false;
  private hasEnded = false;
  /** What was taken from the source and not passed on yet. */
  private rest: Uint8Array = new Uint8Array(0);
  private written: Promise<void> = Promise.resolve();
  private unwritten = 0;

  /** @param onFailure when the source or the handler of output fails */
  constructor(source: AsyncIterable<Uint8Array>, onOutput: OutputHandler, onFailure: (error: DemecError) => void) {
    this.source = source[Symbol.asyncIterator]();
    this.onOutput = onOutput;
    this.onFailure = onFailure;
  }

  /** The child has room for `bytes` more. */
  pulled(child: Child, bytes: number): void {
    this.child = child;
    this.room += bytes;
    if (!this.isPumping) this.pump().catch((cause) => this.fail("The input's source failed", cause));
  }

  private async pump(): Promise<void> {
    this.isPumping = true;
    while (this.room > 0 && !this.isOver && !this.hasEnded) {
      if (this.rest.length === 0) {
        const next = await this.source.next();
        if (this.isOver) return;
        if (next.done) {
          this.hasEnded = true;
          this.child!.sendInput(this.rest);
          break;
        }
        this.rest = next.value;
        this.input.update(this.rest);
        continue;
      }
      const piece = this.rest.subarray(0, PIECE_BYTES);
      this.rest = this.rest.subarray(piece.length);
      this.room -= piece.length;
      this.child!.sendInput(piece);
    }
    this.isPumping = false;
  }

  /** The program wrote `bytes`: the child is read no further until the caller has taken them. */
  wrote(child: Child, bytes: Uint8Array): void {
    if (this.isOver) return;
    this.child = child;
    this.output.update(bytes);
    this.unwritten++;
    child.pause();
    this.written = this.written
      .then(() => (this.isOver ? undefined : this.onOutput(bytes)))
      .catch((cause) => this.fail("Taking the output failed", cause))
      .then(() => {
        if (--this.unwritten === 0) child.resume();
      });
  }

  /** The program has ended: stops the source, and waits until all output is taken. */
  async finish(): Promise<void> {
    this.stopSource();
    // What is left is here already; the child has other calls to answer.
    this.child?.resume();
    await this.written;
    this.isOver = true;
  }

  /** The call has failed: stops both. */
  stop(): void {
    this.isOver = true;
    this.stopSource();
  }

  private stopSource(): void {
    if (this.hasEnded) return;
    this.hasEnded = true;
    // Not waited for: a generator that is waiting itself would return only then.
    this.source.return?.()?.catch(() => {});
  }

  private fail(what: string, cause: unknown): void {
    if (this.isOver) return;
    this.stop();
    const message = cause instanceof Error ? cause.message : String(cause);
    this.onFailure(new DemecError("executor/stream-failed", `${what}: ${message}.`, { cause }));
  }
}
