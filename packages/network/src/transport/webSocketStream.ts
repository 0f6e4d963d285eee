import { Duplex } from "streamx";

/** What is used of a WebSocket: the browser's, Node's, and that of the package ws, which can be paused too. */
export interface AnyWebSocket {
  readonly readyState: number;
  readonly bufferedAmount: number;
  addEventListener(type: "open" | "close" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { data: unknown }) => void): void;
  send(data: Uint8Array<ArrayBuffer>): void;
  close(): void;
  terminate?(): void;
  pause?(): void;
  resume?(): void;
}

const CONNECTING = 0;
const OPEN = 1;
/** Longest message that is sent, and accepted by our listener: a stream's cuts mean nothing, so they can be anywhere. */
export const MAX_WEB_SOCKET_MESSAGE_BYTES = 64 * 1024;
/** Bytes that may wait in the socket before writing pauses. */
const HIGH_WATER_BYTES = 256 * 1024;
/** A WebSocket doesn't tell when it has sent enough: it is asked. */
const POLL_MS = 5;

/** The bytes of a WebSocket's binary messages as a stream, in a browser too. */
export class WebSocketStream extends Duplex {
  readonly #socket: AnyWebSocket;
  #opened: ((error: Error | null) => void) | undefined;
  #poll: ReturnType<typeof setTimeout> | undefined;

  /** IP address of the other end, where that is known. */
  readonly remoteHost: string | null;

  /** @param socket connecting or open; its `binaryType` gives ArrayBuffers or Uint8Arrays */
  constructor(socket: AnyWebSocket, remoteHost: string | null = null) {
    super({ eagerOpen: true });
    this.remoteHost = remoteHost;
    this.#socket = socket;
    socket.addEventListener("open", () => this.#open(null));
    socket.addEventListener("message", ({ data }) => this.#onMessage(data));
    // Of an error a browser tells nothing; the close that follows ends the stream.
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", () => this.#onClose());
  }

  override _open(callback: (error: Error | null) => void): void {
    this.#opened = callback;
    if (this.#socket.readyState !== CONNECTING) this.#open(this.#closedError());
  }

  override _read(callback: (error: Error | null) => void): void {
    this.#socket.resume?.();
    callback(null);
  }

  override _write(data: Uint8Array<ArrayBuffer>, callback: (error: Error | null) => void): void {
    for (let start = 0; start < data.length; start += MAX_WEB_SOCKET_MESSAGE_BYTES) {
      if (this.#socket.readyState !== OPEN) break;
      this.#socket.send(data.subarray(start, start + MAX_WEB_SOCKET_MESSAGE_BYTES));
    }
    this.#whenSent(HIGH_WATER_BYTES, callback);
  }

  override _final(callback: (error: Error | null) => void): void {
    this.#socket.close();
    callback(null);
  }

  override _predestroy(): void {
    this.#open(new Error("The stream was destroyed."));
  }

  override _destroy(callback: (error: Error | null) => void): void {
    clearTimeout(this.#poll);
    if (this.#socket.terminate !== undefined) this.#socket.terminate();
    else this.#socket.close();
    callback(null);
  }

  #open(error: Error | null): void {
    const opened = this.#opened;
    this.#opened = undefined;
    opened?.(error);
  }

  #onMessage(data: unknown): void {
    if (!(data instanceof ArrayBuffer) && !(data instanceof Uint8Array)) {
      this.destroy(new Error("A message was not binary."));
    } else if (!this.push(data instanceof ArrayBuffer ? new Uint8Array(data) : data)) {
      this.#socket.pause?.();
    }
  }

  #onClose(): void {
    this.#open(new Error("The WebSocket could not be opened."));
    this.push(null);
    this.end();
  }

  #whenSent(mostBytes: number, callback: (error: Error | null) => void): void {
    const error = this.#closedError();
    if (error !== null || this.#socket.bufferedAmount <= mostBytes) callback(error);
    else this.#poll = setTimeout(() => this.#whenSent(mostBytes, callback), POLL_MS);
  }

  #closedError(): Error | null {
    return this.#socket.readyState === OPEN ? null : new Error("The WebSocket is closed.");
  }
}
