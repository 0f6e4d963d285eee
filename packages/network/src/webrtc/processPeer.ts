import type { RtcDescription } from "@demec/protocol";
import type { FromPeer, Question, ToPeer } from "./peerFrames.ts";
import { type ChannelEvents, LOW_WATER_BYTES, type OfferingPeer } from "./rtcPeer.ts";

interface ProcessPeerOptions {
  readonly say: (what: Uint8Array | ToPeer) => void;
  readonly onDestroyed: () => void;
}

/** A node's end of a peer connection, which its process for WebRTC holds. */
export class ProcessPeer implements OfferingPeer {
  readonly #options: ProcessPeerOptions;
  #state: "connecting" | "open" | "closed" = "connecting";
  #isDestroyed = false;
  #bufferedBytes = 0;
  #remoteHost: string | null = null;
  #events: ChannelEvents | undefined;
  #asked: PromiseWithResolvers<RtcDescription | undefined> | undefined;

  constructor(options: ProcessPeerOptions) {
    this.#options = options;
  }

  get isConnecting(): boolean {
    return this.#state === "connecting";
  }

  get isOpen(): boolean {
    return this.#state === "open";
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  get remoteHost(): string | null {
    return this.#remoteHost;
  }

  listen(events: ChannelEvents): void {
    this.#events = events;
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#bufferedBytes += bytes.length;
    this.#options.say(bytes);
  }

  destroy(): void {
    if (this.#isDestroyed) return;
    this.#isDestroyed = true;
    this.#options.say({ type: "destroy" });
    this.#close();
    this.#options.onDestroyed();
  }

  /** @throws Error where libdatachannel has none to make */
  async offer(): Promise<RtcDescription> {
    return (await this.#ask({ type: "offer" }))!;
  }

  /** @throws Error where the offer makes no sense to libdatachannel */
  async answer(offer: RtcDescription): Promise<RtcDescription> {
    return (await this.#ask({ type: "answer", offer }))!;
  }

  /** @throws Error where the answer makes no sense to libdatachannel */
  async accept(answer: RtcDescription): Promise<void> {
    await this.#ask({ type: "accept", answer });
  }

  onMessage(bytes: Uint8Array<ArrayBuffer>): void {
    if (!this.#isDestroyed) this.#events?.onMessage(bytes);
  }

  onControl(control: FromPeer): void {
    if (control.type === "closed") this.#close();
    else if (control.type === "described") this.#asked?.resolve(control.description);
    else if (control.type === "accepted") this.#asked?.resolve(undefined);
    else if (control.type === "failed") this.#asked?.reject(new Error(control.message));
    else if (this.#state === "closed") return;
    else if (control.type === "opened") {
      this.#state = "open";
      this.#remoteHost = control.remoteHost;
      this.#events?.onOpen();
    } else {
      const before = this.#bufferedBytes;
      this.#bufferedBytes -= control.bytes;
      if (before > LOW_WATER_BYTES && this.#bufferedBytes <= LOW_WATER_BYTES) this.#events?.onLow();
    }
  }

  #ask(question: Question): Promise<RtcDescription | undefined> {
    const asked = Promise.withResolvers<RtcDescription | undefined>();
    this.#asked = asked;
    if (this.#state === "closed") asked.reject(CLOSED());
    else this.#options.say(question);
    return asked.promise;
  }

  #close(): void {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#bufferedBytes = 0;
    this.#asked?.reject(CLOSED());
    this.#events?.onClosed();
  }
}

const CLOSED = () => new Error("The peer connection is closed.");
