import type { RtcDescription } from "@demec/protocol";
import { type DataChannel, PeerConnection, type RtcConfig } from "node-datachannel";
import { CHANNEL_ID, CHANNEL_LABEL, GATHER_MS, LOW_WATER_BYTES, MAX_CHANNEL_MESSAGE_BYTES } from "./rtcPeer.ts";
import { fromSdp, toSdp } from "./sessionDescription.ts";

/** What is sent is reported in portions of so many bytes: a small part of what may wait. */
const REPORT_BYTES = LOW_WATER_BYTES / 4;

interface NativePeerEvents {
  /** @param remoteHost IP address of the other end, where that is known */
  readonly onOpen: (remoteHost: string | null) => void;
  readonly onMessage: (bytes: Uint8Array) => void;
  /** So many bytes more have left the buffer, the last few aside. */
  readonly onSent: (bytes: number) => void;
  /** It has ended, or will never open; once. */
  readonly onClosed: () => void;
}

/** A peer connection of libdatachannel with its one data channel. */
export class NativePeer {
  readonly #connection: PeerConnection;
  readonly #events: NativePeerEvents;
  readonly #gathered = Promise.withResolvers<void>();
  #channel: DataChannel | undefined;
  #unreportedBytes = 0;
  #isClosed = false;

  constructor(config: RtcConfig, events: NativePeerEvents) {
    const connection = new PeerConnection(CHANNEL_LABEL, {
      ...config,
      disableAutoNegotiation: true,
      maxMessageSize: MAX_CHANNEL_MESSAGE_BYTES,
    });
    this.#connection = connection;
    this.#events = events;
    connection.onGatheringStateChange((state) => {
      if (state === "complete") this.#gathered.resolve();
    });
    connection.onStateChange((state) => {
      if (state === "failed" || state === "closed") this.#close();
    });
  }

  send(bytes: Uint8Array): void {
    try {
      this.#channel?.sendMessageBinary(bytes);
    } catch {
      // It is ending, and didn't say so yet.
      this.#close();
      return;
    }
    this.#unreportedBytes += bytes.length;
    if (this.#unreportedBytes >= REPORT_BYTES && this.#channel!.bufferedAmount() <= LOW_WATER_BYTES) this.#report();
  }

  /** Ends everything at once; needed after it has closed, too. */
  destroy(): void {
    this.#connection.close();
    this.#close();
  }

  /** Without candidates, as a page's: libdatachannel fails at times where it is called before it has the answer. */
  async offer(): Promise<RtcDescription> {
    this.#openChannel();
    return { ...(await this.#describe("offer")), candidates: [] };
  }

  /** @throws Error where the answer makes no sense to libdatachannel */
  accept(answer: RtcDescription): void {
    this.#connection.setRemoteDescription(toSdp("answer", answer), "answer");
  }

  /** @throws Error where the offer makes no sense to libdatachannel */
  async answer(offer: RtcDescription): Promise<RtcDescription> {
    this.#connection.setRemoteDescription(toSdp("offer", offer), "offer");
    this.#openChannel();
    return this.#describe("answer");
  }

  #openChannel(): void {
    const channel = this.#connection.createDataChannel(CHANNEL_LABEL, { negotiated: true, id: CHANNEL_ID });
    this.#channel = channel;
    channel.setBufferedAmountLowThreshold(LOW_WATER_BYTES);
    channel.onOpen(() => {
      if (!this.#isClosed) this.#events.onOpen(this.#connection.getSelectedCandidatePair()?.remote.address ?? null);
    });
    channel.onBufferedAmountLow(() => this.#report());
    channel.onClosed(() => this.#close());
    channel.onError(() => this.#close());
    channel.onMessage((message) => {
      if (typeof message === "string") this.destroy();
      else this.#events.onMessage(message instanceof ArrayBuffer ? new Uint8Array(message) : message);
    });
  }

  #close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#gathered.resolve();
    this.#events.onClosed();
  }

  #report(): void {
    if (this.#isClosed || this.#unreportedBytes === 0) return;
    this.#events.onSent(this.#unreportedBytes);
    this.#unreportedBytes = 0;
  }

  async #describe(type: "offer" | "answer"): Promise<RtcDescription> {
    this.#connection.setLocalDescription(type);
    const timer = setTimeout(this.#gathered.resolve, GATHER_MS);
    await this.#gathered.promise;
    clearTimeout(timer);
    const description = this.#isClosed ? null : this.#connection.localDescription();
    if (description === null) throw new Error("The peer connection was closed.");
    return fromSdp(description.sdp);
  }
}
