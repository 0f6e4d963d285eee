import { Duplex } from "streamx";

type Callback = (error: Error | null) => void;

/** Bytes that may wait in the transport before writing pauses. */
const HIGH_WATER_BYTES = 256 * 1024;

/** The bytes of a transport's binary messages as a stream, in a browser too: a stream's cuts mean nothing, so they can be anywhere. */
export abstract class MessageStream extends Duplex {
  /** IP address of the other end, where that is known. */
  abstract readonly remoteHost: string | null;
  readonly #maxMessageBytes: number;
  #opened: Callback | undefined;
  #written: Callback | undefined;

  /** @param maxMessageBytes longest message that is sent */
  constructor(maxMessageBytes: number) {
    super({ eagerOpen: true });
    this.#maxMessageBytes = maxMessageBytes;
  }

  protected abstract get isConnecting(): boolean;
  protected abstract get isOpen(): boolean;
  /** What was sent and has not gone. */
  protected abstract get bufferedBytes(): number;
  protected abstract sendMessage(bytes: Uint8Array<ArrayBuffer>): void;
  /** Is to call `lowered` once much less is buffered. */
  protected abstract awaitLow(): void;
  /** Ends the transport after what was sent. */
  protected abstract finish(): void;
  /** Ends the transport at once. */
  protected abstract cut(): void;

  /** The transport is open. */
  protected connected(): void {
    this.#settleOpening(null);
  }

  /** The transport has ended, or could not be opened. */
  protected disconnected(): void {
    this.#settleOpening(new Error("The connection could not be opened."));
    this.lowered();
    this.push(null);
    this.end();
  }

  /** Less may be buffered now. */
  protected lowered(): void {
    const written = this.#written;
    this.#written = undefined;
    if (written !== undefined) this.#whenLow(written);
  }

  override _open(callback: Callback): void {
    this.#opened = callback;
    if (!this.isConnecting) this.#settleOpening(this.#closedError());
  }

  override _read(callback: Callback): void {
    callback(null);
  }

  override _write(data: Uint8Array<ArrayBuffer>, callback: Callback): void {
    for (let start = 0; start < data.length && this.isOpen; start += this.#maxMessageBytes) {
      this.sendMessage(data.subarray(start, start + this.#maxMessageBytes));
    }
    this.#whenLow(callback);
  }

  override _final(callback: Callback): void {
    this.finish();
    callback(null);
  }

  override _predestroy(): void {
    this.#settleOpening(new Error("The stream was destroyed."));
  }

  override _destroy(callback: Callback): void {
    this.cut();
    callback(null);
  }

  #settleOpening(error: Error | null): void {
    const opened = this.#opened;
    this.#opened = undefined;
    opened?.(error);
  }

  #whenLow(written: Callback): void {
    const error = this.#closedError();
    if (error !== null || this.bufferedBytes <= HIGH_WATER_BYTES) {
      written(error);
      return;
    }
    this.#written = written;
    this.awaitLow();
  }

  #closedError(): Error | null {
    return this.isOpen ? null : new Error("The connection is closed.");
  }
}
