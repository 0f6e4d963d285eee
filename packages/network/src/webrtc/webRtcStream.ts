import { MessageStream } from "../transport/messageStream.ts";
import { MAX_CHANNEL_MESSAGE_BYTES, type RtcPeer } from "./rtcPeer.ts";

/** An end's last message. To close a data channel would lose what is on its way: its two platforms agree on nothing else. */
const END = new Uint8Array(0);
/** How long a connection is kept for its last messages to arrive. */
const LINGER_MS = 500;

/** The bytes of a data channel's messages as a stream. A data channel can't be paused: what comes is taken. */
export class WebRtcStream extends MessageStream {
  readonly #peer: RtcPeer;
  #hasEnded = false;
  #hasFinished = false;

  constructor(peer: RtcPeer) {
    super(MAX_CHANNEL_MESSAGE_BYTES);
    this.#peer = peer;
    peer.listen({
      onOpen: () => this.connected(),
      onMessage: (bytes) => this.#onMessage(bytes),
      onLow: () => this.lowered(),
      onClosed: () => this.disconnected(),
    });
  }

  get remoteHost(): string | null {
    return this.#peer.remoteHost;
  }

  protected get isConnecting(): boolean {
    return this.#peer.isConnecting;
  }

  protected get isOpen(): boolean {
    return this.#peer.isOpen;
  }

  protected get bufferedBytes(): number {
    return this.#peer.bufferedBytes;
  }

  protected sendMessage(bytes: Uint8Array<ArrayBuffer>): void {
    this.#peer.send(bytes);
  }

  protected awaitLow(): void {}

  protected finish(): void {
    this.#hasFinished = true;
    if (this.isOpen) this.#peer.send(END);
  }

  protected cut(): void {
    if (this.#hasEnded && this.#hasFinished && this.isOpen) setTimeout(() => this.#peer.destroy(), LINGER_MS);
    else this.#peer.destroy();
  }

  #onMessage(bytes: Uint8Array): void {
    if (this.#hasEnded) return;
    if (bytes.length > 0) {
      this.push(bytes);
      return;
    }
    this.#hasEnded = true;
    // In another turn: the stream above throws away what it hasn't passed on when this one closes.
    setTimeout(() => this.disconnected(), 0);
  }
}
