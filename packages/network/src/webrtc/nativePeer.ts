import { DemecError, type RtcDescription } from "@demec/protocol";
import type { DataChannel, PeerConnection, RtcConfig } from "node-datachannel";
import {
  CHANNEL_ID,
  CHANNEL_LABEL,
  type ChannelEvents,
  GATHER_MS,
  LOW_WATER_BYTES,
  MAX_CHANNEL_MESSAGE_BYTES,
  type RtcPeer,
} from "./rtcPeer.ts";
import { fromSdp, toSdp } from "./sessionDescription.ts";

let isLoaded = false;

/** The add-on is made for a handful of platforms, and is loaded where somebody wants it. @throws network/webrtc-failed */
export async function nativePeerConnection(): Promise<typeof PeerConnection> {
  try {
    const { PeerConnection, cleanup } = await import("node-datachannel");
    // Its threads would outlive what they use, now and then, and end the process with a signal or not at all.
    if (!isLoaded) process.once("exit", cleanup);
    isLoaded = true;
    return PeerConnection;
  } catch (cause) {
    throw new DemecError("network/webrtc-failed", "The package node-datachannel can't be loaded.", { cause });
  }
}

/** A node's end, by libdatachannel. Calls of its own events come in later turns of the event loop. */
export class NativePeer implements RtcPeer {
  protected readonly connection: PeerConnection;
  readonly #gathered = Promise.withResolvers<void>();
  #channel: DataChannel | undefined;
  #isClosed = false;
  #events: ChannelEvents | undefined;

  constructor(native: typeof PeerConnection, config: RtcConfig) {
    this.connection = new native(CHANNEL_LABEL, {
      ...config,
      disableAutoNegotiation: true,
      maxMessageSize: MAX_CHANNEL_MESSAGE_BYTES,
    });
    this.connection.onGatheringStateChange((state) => {
      if (state === "complete") this.#gathered.resolve();
    });
    this.connection.onStateChange((state) => {
      if (state === "failed" || state === "closed") this.#close();
    });
  }

  get isConnecting(): boolean {
    return !this.#isClosed && !this.isOpen;
  }

  get isOpen(): boolean {
    return !this.#isClosed && (this.#channel?.isOpen() ?? false);
  }

  get bufferedBytes(): number {
    return this.#isClosed ? 0 : (this.#channel?.bufferedAmount() ?? 0);
  }

  get remoteHost(): string | null {
    return this.#isClosed ? null : (this.connection.getSelectedCandidatePair()?.remote.address ?? null);
  }

  listen(events: ChannelEvents): void {
    this.#events = events;
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#channel!.sendMessageBinary(bytes);
  }

  destroy(): void {
    this.connection.close();
    this.#close();
  }

  /** @throws Error where the offer makes no sense to libdatachannel */
  answer(offer: RtcDescription): Promise<RtcDescription> {
    this.connection.setRemoteDescription(toSdp("offer", offer), "offer");
    this.openChannel();
    return this.describe("answer");
  }

  protected openChannel(): void {
    const channel = this.connection.createDataChannel(CHANNEL_LABEL, { negotiated: true, id: CHANNEL_ID });
    this.#channel = channel;
    channel.setBufferedAmountLowThreshold(LOW_WATER_BYTES);
    channel.onOpen(() => this.#events?.onOpen());
    channel.onBufferedAmountLow(() => this.#events?.onLow());
    channel.onClosed(() => this.#close());
    channel.onError(() => this.#close());
    channel.onMessage((message) => {
      if (typeof message === "string") this.destroy();
      else this.#events?.onMessage(message instanceof ArrayBuffer ? new Uint8Array(message) : message);
    });
  }

  protected async describe(type: "offer" | "answer"): Promise<RtcDescription> {
    this.connection.setLocalDescription(type);
    const timer = setTimeout(this.#gathered.resolve, GATHER_MS);
    await this.#gathered.promise;
    clearTimeout(timer);
    const description = this.connection.localDescription();
    if (description === null) throw new Error("The peer connection was closed.");
    return fromSdp(description.sdp);
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#gathered.resolve();
    this.#events?.onClosed();
  }
}
