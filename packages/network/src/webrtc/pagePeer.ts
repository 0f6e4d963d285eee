import { DemecError, type RtcDescription } from "@demec/protocol";
import {
  CHANNEL_ID,
  CHANNEL_LABEL,
  type ChannelEvents,
  GATHER_MS,
  LOW_WATER_BYTES,
  type OfferingPeer,
} from "./rtcPeer.ts";
import { fromSdp, toSdp } from "./sessionDescription.ts";

/** A page's end, by its own RTCPeerConnection. */
export class PagePeer implements OfferingPeer {
  readonly #connection: RTCPeerConnection;
  readonly #channel: RTCDataChannel;
  readonly #mustGather: boolean;
  /** A page is told nothing of it that would be worth its while. */
  readonly remoteHost = null;

  /** @param iceServers STUN or TURN servers, if any. @throws network/webrtc-failed */
  constructor(iceServers: readonly RTCIceServer[] = []) {
    if (globalThis.RTCPeerConnection === undefined) {
      throw new DemecError(
        "network/webrtc-failed",
        "There is no RTCPeerConnection here: it takes a page, not a worker.",
      );
    }
    this.#mustGather = iceServers.length > 0;
    this.#connection = new RTCPeerConnection({ iceServers: [...iceServers] });
    this.#channel = this.#connection.createDataChannel(CHANNEL_LABEL, { negotiated: true, id: CHANNEL_ID });
    this.#channel.binaryType = "arraybuffer";
    this.#channel.bufferedAmountLowThreshold = LOW_WATER_BYTES;
  }

  get isConnecting(): boolean {
    return this.#channel.readyState === "connecting";
  }

  get isOpen(): boolean {
    return this.#channel.readyState === "open";
  }

  get bufferedBytes(): number {
    return this.#channel.bufferedAmount;
  }

  listen({ onOpen, onMessage, onLow, onClosed }: ChannelEvents): void {
    const channel = this.#channel;
    channel.addEventListener("open", onOpen);
    channel.addEventListener("bufferedamountlow", onLow);
    channel.addEventListener("close", onClosed, { once: true });
    channel.addEventListener("message", ({ data }) => {
      if (data instanceof ArrayBuffer) onMessage(new Uint8Array(data));
      else this.destroy();
    });
    // Where there is no way to the other end the channel stays as it is, and only the connection says so.
    this.#connection.addEventListener("connectionstatechange", () => {
      if (this.#connection.connectionState === "failed") this.destroy();
    });
  }

  send(bytes: Uint8Array<ArrayBuffer>): void {
    this.#channel.send(bytes);
  }

  destroy(): void {
    this.#connection.close();
    // A connection that its own end closes fires no event for its channel.
    this.#channel.dispatchEvent(new Event("close"));
  }

  /** Of its own addresses a page's candidates tell nothing that a node could use: they are waited for where servers tell more. */
  async offer(): Promise<RtcDescription> {
    await this.#connection.setLocalDescription();
    if (this.#mustGather) await this.#gathered();
    return fromSdp(this.#connection.localDescription!.sdp);
  }

  accept(answer: RtcDescription): Promise<void> {
    return this.#connection.setRemoteDescription({ type: "answer", sdp: toSdp("answer", answer) });
  }

  async #gathered(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, GATHER_MS);
    const check = () => {
      if (this.#connection.iceGatheringState === "complete") resolve();
    };
    this.#connection.addEventListener("icegatheringstatechange", check);
    check();
    await promise;
    clearTimeout(timer);
  }
}
