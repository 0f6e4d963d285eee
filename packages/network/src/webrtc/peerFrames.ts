import type { RtcDescription } from "@demec/protocol";
import type { RtcConfig } from "node-datachannel";

// What a node and its process for WebRTC say to each other, by pipes: each frame is about one peer, which the node numbers.

/** Has an answer: `described`, `accepted` or `failed`. One at a time. */
export type Question =
  | { readonly type: "offer" }
  | { readonly type: "answer"; readonly offer: RtcDescription }
  | { readonly type: "accept"; readonly answer: RtcDescription };

export type ToPeer = Question | { readonly type: "make"; readonly config: RtcConfig } | { readonly type: "destroy" };

export type FromPeer =
  | { readonly type: "described"; readonly description: RtcDescription }
  | { readonly type: "accepted" }
  | { readonly type: "failed"; readonly message: string }
  | { readonly type: "opened"; readonly remoteHost: string | null }
  /** So much of what was to be sent has left libdatachannel's buffer. */
  | { readonly type: "sent"; readonly bytes: number }
  | { readonly type: "closed" };

/** Says, of no peer, that the process has come up. */
export const READY_PEER = 0;

/** u32 bytes that follow, u32 peer, u8 whether they are a channel's message or JSON; big-endian. */
const HEADER_BYTES = 9;

/** @param what a message of the data channel, or something about it */
export function encodePeerFrame(peer: number, what: Uint8Array | ToPeer | FromPeer): Buffer {
  const isMessage = what instanceof Uint8Array;
  const payload = isMessage ? what : Buffer.from(JSON.stringify(what));
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  frame.writeUInt32BE(payload.length, 0);
  frame.writeUInt32BE(peer, 4);
  frame.writeUInt8(isMessage ? 1 : 0, 8);
  frame.set(payload, HEADER_BYTES);
  return frame;
}

interface PeerFrameEvents<T> {
  readonly onMessage: (peer: number, bytes: Uint8Array<ArrayBuffer>) => void;
  readonly onControl: (peer: number, control: T) => void;
}

/** Finds the frames in what a pipe brings. */
export class PeerFrameReader<T extends ToPeer | FromPeer> {
  readonly #events: PeerFrameEvents<T>;
  #pending: Buffer<ArrayBuffer> = Buffer.alloc(0);

  constructor(events: PeerFrameEvents<T>) {
    this.#events = events;
  }

  push(chunk: Buffer<ArrayBuffer>): void {
    const bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    let at = 0;
    while (bytes.length - at >= HEADER_BYTES) {
      const end = at + HEADER_BYTES + bytes.readUInt32BE(at);
      if (end > bytes.length) break;
      const peer = bytes.readUInt32BE(at + 4);
      const payload = bytes.subarray(at + HEADER_BYTES, end);
      if (bytes.readUInt8(at + 8) === 1) this.#events.onMessage(peer, payload);
      else this.#events.onControl(peer, JSON.parse(payload.toString()));
      at = end;
    }
    this.#pending = bytes.subarray(at);
  }
}
