import { DemecError } from "@demec/protocol";
import { Duplex } from "streamx";
import { MAX_TUNNEL_PIECE_BYTES, TUNNEL_WINDOW_BYTES, type TunnelChannel, type TunnelEvents } from "./tunnelChannel.ts";

type Callback = (error: Error | null) => void;

/** Credit is given in pieces of this size at least. */
const CREDIT_BYTES = TUNNEL_WINDOW_BYTES / 4;

/** The bytes of a tunnel as a stream: ciphertext to everybody between its ends. */
export class TunnelStream extends Duplex implements TunnelEvents {
  /** IP address of the guide, where that is known. */
  readonly remoteHost: string | null;
  readonly #channel: TunnelChannel;
  /** Bytes that the other end still takes, and that may still come. */
  #sendable = TUNNEL_WINDOW_BYTES;
  #receivable = TUNNEL_WINDOW_BYTES;
  /** Bytes that came and were not credited. */
  #uncredited = 0;
  #isRead = true;
  #waiting: { data: Uint8Array; written: Callback } | undefined;
  #isClosed = false;

  constructor(channel: TunnelChannel, remoteHost: string | null) {
    super({ eagerOpen: true });
    this.remoteHost = remoteHost;
    this.#channel = channel;
    channel.events = this;
  }

  onData(bytes: Uint8Array): void {
    this.#receivable -= bytes.length;
    if (this.#receivable < 0) {
      this.destroy(new DemecError("protocol/malformed", "More came through a tunnel than its window takes."));
      return;
    }
    this.#uncredited += bytes.length;
    this.#isRead = this.push(bytes);
    if (this.#isRead) this.#credit();
  }

  onCredit(bytes: number): void {
    this.#sendable += bytes;
    if (this.#sendable > TUNNEL_WINDOW_BYTES) {
      this.destroy(new DemecError("protocol/malformed", "More was credited to a tunnel than was sent."));
      return;
    }
    this.#flush();
  }

  onEnd(): void {
    this.push(null);
  }

  onClosed(code: string | null): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (code !== null) {
      this.destroy(new DemecError("network/guide-refused", `The tunnel was refused: ${code}.`, { details: { code } }));
      return;
    }
    this.#settle(new Error("The tunnel is closed."));
    this.push(null);
    this.end();
  }

  override _read(callback: Callback): void {
    this.#isRead = true;
    this.#credit();
    callback(null);
  }

  override _write(data: Uint8Array, callback: Callback): void {
    this.#waiting = { data, written: callback };
    this.#flush();
  }

  override _final(callback: Callback): void {
    if (!this.#isClosed) this.#channel.end();
    callback(null);
  }

  override _predestroy(): void {
    this.#settle(new Error("The stream was destroyed."));
  }

  override _destroy(callback: Callback): void {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#channel.close();
    }
    callback(null);
  }

  #flush(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    while (waiting.data.length > 0 && this.#sendable > 0 && !this.#isClosed) {
      const piece = waiting.data.subarray(0, Math.min(this.#sendable, MAX_TUNNEL_PIECE_BYTES));
      this.#channel.send(piece);
      this.#sendable -= piece.length;
      waiting.data = waiting.data.subarray(piece.length);
    }
    if (this.#isClosed) this.#settle(new Error("The tunnel is closed."));
    else if (waiting.data.length === 0) this.#settle(null);
  }

  #settle(error: Error | null): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.written(error);
  }

  #credit(): void {
    if (this.#isClosed || !this.#isRead || this.#uncredited < CREDIT_BYTES) return;
    this.#channel.credit(this.#uncredited);
    this.#receivable += this.#uncredited;
    this.#uncredited = 0;
  }
}
