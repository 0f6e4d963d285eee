import { DemecError, type Hex } from "@demec/protocol";
import { fromHex, toHex } from "../hex.ts";
import { type Mux, rawBytes } from "../mux.ts";

/** Channels of a multiplexer, each with an id of its own. */
export const TUNNEL_PROTOCOL = "demec/tunnel/1";
/** Bytes that may be on their way in one direction of a tunnel before its other end has taken any. */
export const TUNNEL_WINDOW_BYTES = 256 * 1024;
/** Longest piece; messages of other tunnels, and heartbeats, go between. */
export const MAX_TUNNEL_PIECE_BYTES = 32 * 1024;
const ID_BYTES = 16;
const MAX_CODE_BYTES = 64;
/** What the end says that was asked. */
const NO_TARGET = new Uint8Array(32);

/** What comes through a channel. All but `onClosed` end the multiplexer's stream when they throw. */
export interface TunnelEvents {
  onData(bytes: Uint8Array): void;
  /** The other end has taken so many bytes more. */
  onCredit(bytes: number): void;
  /** The other end sends nothing more. */
  onEnd(): void;
  /** Nothing goes through any more. @param code why the other end refused it; null: it just ended */
  onClosed(code: string | null): void;
}

/** One end of a tunnel as it stands on a multiplexer: messages, of which the ends, or the guide between them, keep the rules. */
export class TunnelChannel {
  /** Who hears what comes; set at once by whoever opens it, or takes it up. */
  events: TunnelEvents | undefined;
  readonly #channel;
  readonly #messages;
  #refusal: string | null = null;

  /** Opens a channel that is to lead to a node key. @throws network/closed */
  static to(mux: Mux, target: Hex): TunnelChannel {
    const tunnel = new TunnelChannel(mux, crypto.getRandomValues(new Uint8Array(ID_BYTES)), () => {});
    tunnel.#channel.open(fromHex(target));
    return tunnel;
  }

  /**
   * Takes up a channel that the other side has asked for.
   * @param onTarget hears which node key it is to lead to, before anything comes through
   */
  static from(mux: Mux, id: Uint8Array, onTarget: (tunnel: TunnelChannel, target: Hex) => void): void {
    const tunnel = new TunnelChannel(mux, id, (target) => onTarget(tunnel, target));
    tunnel.#channel.open(NO_TARGET);
  }

  private constructor(mux: Mux, id: Uint8Array, onTarget: (target: Hex) => void) {
    const channel = mux.createChannel({
      protocol: TUNNEL_PROTOCOL,
      id,
      handshake: key32,
      onopen: (target) => onTarget(toHex(target)),
      ondrain() {},
      onclose: () => this.events?.onClosed(this.#refusal),
    });
    if (channel === null) throw new DemecError("network/closed", "The way to the guide is closed.");
    this.#channel = channel;
    const message = (onmessage: (bytes: Uint8Array) => void) =>
      channel.addMessage({ encoding: rawBytes, autoBatch: false, onmessage });
    this.#messages = {
      data: message((bytes) => this.events?.onData(bytes)),
      credit: message((bytes) => this.events?.onCredit(decodeCredit(bytes))),
      end: message(() => this.events?.onEnd()),
      refusal: message((bytes) => {
        this.#refusal = utf8.decode(bytes.subarray(0, MAX_CODE_BYTES));
      }),
    };
  }

  send(bytes: Uint8Array): void {
    this.#messages.data.send(bytes);
  }

  credit(bytes: number): void {
    this.#messages.credit.send(Uint8Array.of(bytes, bytes >> 8, bytes >> 16, bytes >> 24));
  }

  end(): void {
    this.#messages.end.send(new Uint8Array(0));
  }

  /** @param code why, where the other end should know; one of this project's */
  close(code?: string): void {
    if (code !== undefined) this.#messages.refusal.send(new TextEncoder().encode(code));
    this.#channel.close();
  }
}

const utf8 = new TextDecoder();

/** The node key that is asked for, or zeros where it isn't asked. */
const key32 = {
  preencode(state: { end: number }) {
    state.end += 32;
  },
  encode(state: { start: number; buffer: Uint8Array }, key: Uint8Array) {
    state.buffer.set(key, state.start);
    state.start += 32;
  },
  decode(state: { start: number; end: number; buffer: Uint8Array }): Uint8Array {
    if (state.end - state.start < 32) throw new DemecError("protocol/malformed", "A tunnel leads to no node key.");
    state.start += 32;
    return state.buffer.slice(state.start - 32, state.start);
  },
};

/** Little-endian, 4 bytes. @throws protocol/malformed */
function decodeCredit(bytes: Uint8Array): number {
  const credit = bytes.length === 4 ? new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true) : 0;
  if (credit === 0 || credit > TUNNEL_WINDOW_BYTES) {
    throw new DemecError("protocol/malformed", "A tunnel's credit is none, or beyond its window.");
  }
  return credit;
}
