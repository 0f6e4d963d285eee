import { BatchWriter, type Frame } from "@demec/protocol";

/** Frames travel in batches of about this size: large enough to amortise a packet's cost, small enough to interleave. */
const BATCH_BYTES = 64 * 1024;
/** From here on `push` advises to wait. */
const HIGH_WATER_BYTES = 256 * 1024;

/** Runs once all input of this turn of the event loop was handled; a microtask where the platform has no such phase. */
const afterTurn: (run: () => void) => void = globalThis.setImmediate ?? queueMicrotask;

/**
 * Corks frames: everything pushed in one turn of the event loop leaves together, and while the stream is congested
 * frames wait here, where their bytes are counted.
 */
export class Outbox {
  readonly #write: (batch: Uint8Array) => boolean;
  readonly #maxFrameBytes: number;
  #open = new BatchWriter(BATCH_BYTES);
  #spare: BatchWriter | undefined;
  readonly #sealed: BatchWriter[] = [];
  #sealedBytes = 0;
  #scheduled = false;
  #congested = false;
  #waiters: (() => void)[] = [];
  #closed = false;

  /** @param write sends a batch at once and tells whether the stream takes more; what it holds is copied by then */
  constructor(write: (batch: Uint8Array) => boolean, maxFrameBytes: number) {
    this.#write = write;
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Bytes that have not reached the stream. */
  get queuedBytes(): number {
    return this.#sealedBytes + this.#open.length;
  }

  get isCongested(): boolean {
    return this.#congested;
  }

  /**
   * @returns false when the sender had better await {@link drained}
   * @throws protocol/out-of-range, protocol/frame-too-large; nothing is sent then
   */
  push(frame: Frame): boolean {
    if (this.#closed) return false;
    if (!this.#open.append(frame, this.#maxFrameBytes)) {
      this.#seal();
      this.#open.append(frame, this.#maxFrameBytes);
    }
    if (!this.#scheduled) {
      this.#scheduled = true;
      afterTurn(this.#flushScheduled);
    }
    return !this.#congested && this.queuedBytes < HIGH_WATER_BYTES;
  }

  readonly #flushScheduled = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  /** Sends what waits, as far as the stream takes it. */
  flush(): void {
    while (!this.#congested && !this.#closed) {
      if (this.#sealed.length === 0) this.#seal();
      const batch = this.#sealed.shift();
      if (batch === undefined) break;
      this.#sealedBytes -= batch.length;
      this.#congested = !this.#write(batch.bytes());
      batch.clear();
      this.#spare = batch;
    }
    if (!this.#congested) this.#wake();
  }

  /** The stream takes more again. */
  resume(): void {
    this.#congested = false;
    this.flush();
  }

  /** Resolves when everything has gone to the stream and it takes more, or when the outbox is closed. */
  drained(): Promise<void> {
    if (this.#closed || (!this.#congested && this.queuedBytes === 0)) return Promise.resolve();
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiters.push(resolve);
    return promise;
  }

  close(): void {
    this.#closed = true;
    this.#sealed.length = 0;
    this.#sealedBytes = 0;
    // hyperdht holds on to a stream for some seconds after its end: the buffers shall not stay that long.
    this.#open = new BatchWriter(0);
    this.#spare = undefined;
    this.#wake();
  }

  #seal(): void {
    if (this.#open.isEmpty) return;
    this.#sealed.push(this.#open);
    this.#sealedBytes += this.#open.length;
    this.#open = this.#spare ?? new BatchWriter(BATCH_BYTES);
    this.#spare = undefined;
  }

  #wake(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve();
  }
}
