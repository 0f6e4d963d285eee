/** Where a streamed call's input comes from and its output goes to, chunk by chunk: neither is ever whole in memory. */
export interface CallStreams {
  /** Next chunk of input, waiting for it as long as it takes; undefined: the end. Good until the next is asked for. */
  nextInput(): Uint8Array | undefined;
  /** Takes a chunk of output, waiting until there is room. The bytes are used again afterwards. */
  writeOutput(bytes: Uint8Array): void;
}

/** How much input a program may see to be ready: what it can learn must not hang on how the input arrives. */
export const READY_BYTES = 65_536;

/** Input that is read in order. */
export class InputStream {
  private readonly next: () => Uint8Array | undefined;
  private chunk: Uint8Array = new Uint8Array(0);
  private at = 0;
  private isAtEnd = false;

  constructor(next: () => Uint8Array | undefined) {
    this.next = next;
  }

  /** Next bytes, `most` of them or fewer but not none; undefined at the end. Good until the next call. */
  take(most: number): Uint8Array | undefined {
    while (this.at === this.chunk.length && !this.isAtEnd) this.refill();
    if (this.isAtEnd && this.at === this.chunk.length) return undefined;
    const part = this.chunk.subarray(this.at, this.at + most);
    this.at += part.length;
    return part;
  }

  /** Bytes that are left, but {@link READY_BYTES} at most. */
  ready(): number {
    while (this.chunk.length - this.at < READY_BYTES && !this.isAtEnd) {
      const rest = this.chunk.slice(this.at);
      this.refill();
      const joined = new Uint8Array(rest.length + this.chunk.length);
      joined.set(rest);
      joined.set(this.chunk, rest.length);
      this.chunk = joined;
    }
    return Math.min(READY_BYTES, this.chunk.length - this.at);
  }

  private refill(): void {
    const chunk = this.next();
    this.isAtEnd = chunk === undefined;
    this.chunk = chunk ?? new Uint8Array(0);
    this.at = 0;
  }
}
