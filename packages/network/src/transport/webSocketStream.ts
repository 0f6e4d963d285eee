import { MessageStream } from "./messageStream.ts";

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
/** Longest message that is sent, and accepted by our listener. */
export const MAX_WEB_SOCKET_MESSAGE_BYTES = 64 * 1024;
/** A WebSocket doesn't tell when it has sent enough: it is asked. */
const POLL_MS = 5;

/** The bytes of a WebSocket's binary messages as a stream. */
export class WebSocketStream extends MessageStream {
  readonly #socket: AnyWebSocket;
  #poll: ReturnType<typeof setTimeout> | undefined;

  readonly remoteHost: string | null;

  /** @param socket connecting or open; its `binaryType` gives ArrayBuffers or Uint8Arrays */
  constructor(socket: AnyWebSocket, remoteHost: string | null = null) {
    super(MAX_WEB_SOCKET_MESSAGE_BYTES);
    this.remoteHost = remoteHost;
    this.#socket = socket;
    socket.addEventListener("open", () => this.connected());
    socket.addEventListener("message", ({ data }) => this.#onMessage(data));
    // Of an error a browser tells nothing; the close that follows ends the stream.
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", () => this.disconnected());
  }

  protected get isConnecting(): boolean {
    return this.#socket.readyState === CONNECTING;
  }

  protected get isOpen(): boolean {
    return this.#socket.readyState === OPEN;
  }

  protected get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  protected sendMessage(bytes: Uint8Array<ArrayBuffer>): void {
    this.#socket.send(bytes);
  }

  protected awaitLow(): void {
    this.#poll = setTimeout(() => this.lowered(), POLL_MS);
  }

  protected finish(): void {
    this.#socket.close();
  }

  protected cut(): void {
    clearTimeout(this.#poll);
    if (this.#socket.terminate !== undefined) this.#socket.terminate();
    else this.#socket.close();
  }

  override _read(callback: (error: Error | null) => void): void {
    this.#socket.resume?.();
    callback(null);
  }

  #onMessage(data: unknown): void {
    if (!(data instanceof ArrayBuffer) && !(data instanceof Uint8Array)) {
      this.destroy(new Error("A message was not binary."));
    } else if (!this.push(data instanceof ArrayBuffer ? new Uint8Array(data) : data)) {
      this.#socket.pause?.();
    }
  }
}
