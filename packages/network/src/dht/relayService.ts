import type { Hex } from "@demec/protocol";
import BlindRelay from "blind-relay";
import type HyperDHT from "hyperdht";
import type UdxStream from "udx-native/lib/stream";
import { type Deadline, within } from "../deadline.ts";
import { toHex } from "../hex.ts";
import { HourlyBytes } from "../hourlyBytes.ts";
import { Mux } from "../mux.ts";
import type { NoiseStream } from "../transport/noiseStream.ts";

export interface RelayPolicy {
  /** Pairs of peers that are relayed at once. Default 64. */
  readonly maxPairs?: number | undefined;
  /** Bytes that one peer may send through in an hour; then its streams are cut until the hour is over. Default 1 GiB. */
  readonly maxBytesPerPeerPerHour?: number | undefined;
}

export interface RelayStatus {
  /** Pairs of peers that are relayed now. */
  readonly pairs: number;
  /** Bytes that each peer has sent through in this hour. */
  readonly bytesByPeer: ReadonlyMap<Hex, number>;
}

interface Guest {
  readonly peer: Hex;
  readonly stream: NoiseStream;
  readonly sinceMs: number;
  /** Bytes that were counted of each stream through which this peer sends. */
  readonly counted: Map<UdxStream, number>;
}

const DEFAULTS = { maxPairs: 64, maxBytesPerPeerPerHour: 2 ** 30 };
const METER_MS = 1_000;
/** What a guest may say to the relay itself: a request has some 40 bytes, and each is remembered until it is paired. */
const CONTROL_BURST_BYTES = 8 * 1024;
const CONTROL_BYTES_PER_SECOND = 64;

/**
 * Relays encrypted streams between two peers that no hole can be punched between. The relay sees ciphertext, and from
 * whom to whom; packets are passed on by UDX itself. What each peer sends is counted every second.
 */
export class RelayService {
  readonly #maxPairs: number;
  readonly #bytes: HourlyBytes;
  readonly #server: BlindRelay.Server;
  readonly #guests = new Set<Guest>();
  readonly #meter: NodeJS.Timeout;

  constructor(dht: HyperDHT, { maxPairs, maxBytesPerPeerPerHour }: RelayPolicy) {
    this.#maxPairs = maxPairs ?? DEFAULTS.maxPairs;
    this.#bytes = new HourlyBytes(maxBytesPerPeerPerHour ?? DEFAULTS.maxBytesPerPeerPerHour);
    this.#server = new BlindRelay.Server({
      createStream: (options) => dht.createRawStream({ ...options, framed: true }),
    });
    this.#meter = setInterval(() => this.#measure(performance.now()), METER_MS);
  }

  get status(): RelayStatus {
    return { pairs: this.#server.stats.streams.active / 2, bytesByPeer: this.#bytes.byPeer };
  }

  /**
   * Waits for what the other side wants, by the channel that it opens first, and takes it if that is to be relayed.
   * @returns whether it was taken
   * @throws network/timeout, network/aborted
   */
  takes(stream: NoiseStream, deadline: Deadline): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    stream.on("close", () => resolve(true));
    void stream.opened.then((opened) => {
      if (!opened) return;
      const mux = Mux.of(stream);
      const calls = { protocol: "demec" };
      const relaying = { protocol: "blind-relay", id: stream.remotePublicKey };
      mux.pair(calls, async () => {
        mux.unpair(relaying);
        resolve(false);
        // The channel is made in what this resolves, before the next turn; then the multiplexer looks for it.
        await new Promise((next) => setTimeout(next, 0));
      });
      mux.pair(relaying, async () => {
        mux.unpair(calls);
        this.#admit(stream);
        resolve(true);
      });
    });
    return within(promise, "The first channel", deadline);
  }

  async close(): Promise<void> {
    clearInterval(this.#meter);
    for (const { stream } of this.#guests) stream.destroy();
  }

  #admit(stream: NoiseStream): void {
    const peer = toHex(stream.remotePublicKey);
    if (this.#bytes.isSpent(peer)) {
      stream.destroy();
      return;
    }
    const guest: Guest = { peer, stream, sinceMs: performance.now(), counted: new Map() };
    this.#guests.add(guest);
    const session = this.#server.accept(stream, { id: stream.remotePublicKey });
    // Errors of relayed streams end those streams.
    session.on("error", () => {});
    session.on("pair", (_isInitiator: boolean, _token: Uint8Array, relayed: UdxStream) => {
      if (this.status.pairs > this.#maxPairs) {
        relayed.destroy();
        return;
      }
      guest.counted.set(relayed, 0);
      relayed.once("close", () => {
        this.#count(guest, relayed);
        guest.counted.delete(relayed);
      });
    });
    stream.on("close", () => this.#guests.delete(guest));
  }

  #measure(nowMs: number): void {
    for (const guest of this.#guests) {
      for (const relayed of guest.counted.keys()) this.#count(guest, relayed);
      const allowed = CONTROL_BURST_BYTES + (CONTROL_BYTES_PER_SECOND * (nowMs - guest.sinceMs)) / 1000;
      if (this.#bytes.isSpent(guest.peer) || guest.stream.rawBytesRead > allowed) guest.stream.destroy();
    }
  }

  #count(guest: Guest, relayed: UdxStream): void {
    const { bytesReceived } = relayed;
    const fresh = bytesReceived - (guest.counted.get(relayed) ?? 0);
    guest.counted.set(relayed, bytesReceived);
    this.#bytes.count(guest.peer, fresh);
  }
}
