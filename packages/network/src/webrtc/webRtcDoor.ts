import { isIP } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { DemecError, decodeRtcDescription, encodeRtcDescription, type RtcDescription } from "@demec/protocol";
import type { RtcConfig } from "node-datachannel";
import { isReserved } from "../dht/ipAddresses.ts";
import { Mux } from "../mux.ts";
import type { Doorkeeper } from "../transport/listener.ts";
import { NoiseStream } from "../transport/noiseStream.ts";
import { PeerProcess } from "./peerProcess.ts";
import type { ProcessPeer } from "./processPeer.ts";
import { openSignalling, SIGNALLING, type Signals } from "./signalling.ts";
import { WebRtcStream } from "./webRtcStream.ts";

/** Where data channels of pages come in; they are asked for on a connection that is there already. */
export interface WebRtcOptions {
  /** IP address to bind; `0.0.0.0` means all interfaces. */
  readonly host: string;
  /** UDP port that all channels share; 0 gives each one of its own. */
  readonly port: number;
  /** IP address that pages are told instead, as behind a forwarded port. */
  readonly publicHost?: string | undefined;
  /** STUN and TURN servers that are asked for more ways: `stun:host:3478`, `turn:user:password@host:3478`. None by default. */
  readonly iceServers?: readonly string[] | undefined;
}

/** Offers that one connection may make: the first should do, and a lost network gives reason for others. */
const MAX_OFFERS = 8;
/** How long nobody is answered after the process for WebRTC has ended. */
const RESTART_MS = 1_000;

/** Answers those who ask for a data channel, and lets them in by it as by every other door: with a handshake that proves the key. */
export class WebRtcDoor {
  readonly #options: WebRtcOptions;
  readonly #keeper: Doorkeeper;
  readonly #config: RtcConfig;
  /** Streams whose data channel was answered for. */
  readonly #answered = new Map<NoiseStream, ProcessPeer>();
  #process: PeerProcess | undefined;
  #restart: Promise<PeerProcess> | undefined;
  #isClosed = false;

  /** @throws network/bad-address, network/webrtc-failed where the add-on is missing on this platform */
  static async open(options: WebRtcOptions, keeper: Doorkeeper): Promise<WebRtcDoor> {
    for (const host of [options.host, options.publicHost ?? options.host]) {
      if (isIP(host) === 0) {
        throw new DemecError("network/bad-address", `${host} is not an IP address.`, { details: { host } });
      }
    }
    return new WebRtcDoor(await PeerProcess.start(), options, keeper);
  }

  private constructor(process: PeerProcess, options: WebRtcOptions, keeper: Doorkeeper) {
    this.#use(process);
    this.#options = options;
    this.#keeper = keeper;
    const { host, port, iceServers = [] } = options;
    this.#config = {
      iceServers: [...iceServers],
      ...(!isUnspecified(host) && { bindAddress: host }),
      ...(port !== 0 && { portRangeBegin: port, portRangeEnd: port, enableIceUdpMux: true }),
    };
  }

  /** Lets the other end of a stream ask for a data channel, as soon and as long as it is there. */
  serve(stream: NoiseStream): void {
    const mux = Mux.of(stream);
    let offers = 0;
    mux.pair(SIGNALLING, async () => {
      if (this.#isClosed) return;
      const signals = openSignalling(mux, {
        onOffer: (description) => {
          if (++offers > MAX_OFFERS) signals?.close();
          else return this.#onOffer(description, signals!);
        },
        onAnswer: unexpected,
        onRefusal: unexpected,
        onClosed: () => {},
      });
    });
  }

  /** Takes no more; those inside stay. */
  close(): void {
    this.#isClosed = true;
    for (const [stream, { isConnecting }] of this.#answered) if (isConnecting) stream.destroy();
    this.#leave();
  }

  async #onOffer(bytes: Uint8Array, signals: Signals): Promise<void> {
    const offer = decodeRtcDescription(bytes);
    const process = await this.#running().catch(() => null);
    if (this.#isClosed || process === null || !this.#keeper.admits()) {
      signals.refuse();
      return;
    }
    const peer = process.peer(this.#config);
    const stream = new NoiseStream("webrtc", false, new WebRtcStream(peer), { keyPair: this.#keeper.keyPair });
    this.#answered.set(stream, peer);
    stream.on("close", () => {
      this.#answered.delete(stream);
      if (this.#isClosed) this.#leave();
    });
    // From here on it counts as a handshake, which has its time.
    this.#keeper.take(stream);
    try {
      const answer = await peer.answer({
        ...offer,
        candidates: offer.candidates.filter((to) => this.#mayCall(to.host)),
      });
      signals.answer(encodeRtcDescription(this.#published(answer)));
    } catch {
      stream.destroy();
      signals.refuse();
    }
  }

  /** The process for WebRTC, another one where it has ended: what ended it may have been a stranger's, so not at any rate. */
  async #running(): Promise<PeerProcess> {
    if (this.#process !== undefined) return this.#process;
    if (this.#restart === undefined) {
      this.#restart = sleep(RESTART_MS, undefined, { ref: false }).then(() => PeerProcess.start());
      this.#restart.then(
        (process) => this.#use(process),
        () => {
          this.#restart = undefined;
        },
      );
    }
    return this.#restart;
  }

  #use(process: PeerProcess): void {
    this.#process = process;
    this.#restart = undefined;
    void process.closed.then(() => {
      this.#process = undefined;
    });
    if (this.#isClosed) this.#leave();
  }

  /** The last one out. */
  #leave(): void {
    if (this.#answered.size === 0) this.#process?.stop();
  }

  /** A stranger's candidates lead nobody into his own network. */
  #mayCall(host: string): boolean {
    return (
      isIP(host) !== 0 && (!isReserved(host) || (isReserved(this.#options.host) && !isUnspecified(this.#options.host)))
    );
  }

  #published(answer: RtcDescription): RtcDescription {
    const { publicHost } = this.#options;
    if (publicHost === undefined) return answer;
    const own = answer.candidates.filter(({ type }) => type === "host").slice(0, 1);
    const others = answer.candidates.filter(({ type }) => type !== "host");
    return { ...answer, candidates: [...own.map((candidate) => ({ ...candidate, host: publicHost })), ...others] };
  }
}

const isUnspecified = (host: string): boolean => host === "0.0.0.0" || host === "::";

function unexpected(): never {
  throw new DemecError("protocol/malformed", "An answer came where an offer was due.");
}
