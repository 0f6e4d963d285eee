import type { Limits } from "../execution.ts";
import { message } from "./combinators.ts";
import { limits } from "./execution.ts";
import { MAX_FRAME_BYTES, MAX_MESSAGE_BYTES } from "./limits.ts";
import {
  bytesUpTo,
  type Codec,
  fixedBytes,
  malformed,
  type State,
  uint,
  uint8,
  uint32,
  uintUpTo,
} from "./primitives.ts";
import { code } from "./sessionMessages.ts";

/** A call whose message comes in fragments: all that its admission asks, before a byte of it is held. */
export interface AnnouncedInvoke {
  readonly kind: "invoke";
  readonly handle: number;
  readonly callId: number;
  readonly deadlineMs: number;
  readonly limits: Limits;
  /** What counts as input in usage, what travels by content included; see `inputBytes`. */
  readonly inputBytes: number;
  /** Of the whole encoded frame. */
  readonly messageBytes: number;
}
/** A result that comes in fragments. */
export interface AnnouncedResult {
  readonly kind: "result";
  readonly handle: number;
  readonly callId: number;
  readonly messageBytes: number;
}
/** Any other frame that comes in fragments. */
export interface AnnouncedMessage {
  readonly kind: "message";
  readonly messageBytes: number;
}
/** What a call writes to stdout, as it is written: of no length that anybody knows before its end. */
export interface AnnouncedOutput {
  readonly kind: "output";
  readonly handle: number;
  readonly callId: number;
}
export type AnnouncedFrame = AnnouncedInvoke | AnnouncedResult | AnnouncedMessage;
export type StreamContent = AnnouncedFrame | AnnouncedOutput;

/** From the sender: a stream begins. Each end numbers its own, and may send STREAM_WINDOW_BYTES at once. */
export interface StreamOpen {
  readonly type: "streamOpen";
  readonly streamId: number;
  readonly content: StreamContent;
}
export interface StreamData {
  readonly type: "streamData";
  readonly streamId: number;
  readonly bytes: Uint8Array;
}
/** From the sender: that was all of it. */
export interface StreamEnd {
  readonly type: "streamEnd";
  readonly streamId: number;
  /** Digest of a StreamHash over all its bytes. */
  readonly hash: Uint8Array;
}
/** From the sender: nothing more of it will come. */
export interface StreamAbort {
  readonly type: "streamAbort";
  readonly streamId: number;
}
/** From the receiver: so many bytes more may come. */
export interface StreamCredit {
  readonly type: "streamCredit";
  readonly streamId: number;
  readonly bytes: number;
}
/** From the receiver: the stream has come whole, and its hash is right. */
export interface StreamTaken {
  readonly type: "streamTaken";
  readonly streamId: number;
}
/** From the receiver: it takes none, or no more, of it. */
export interface StreamRefuse {
  readonly type: "streamRefuse";
  readonly streamId: number;
  readonly code: string;
}

export type StreamMessage =
  | StreamOpen
  | StreamData
  | StreamEnd
  | StreamAbort
  | StreamCredit
  | StreamTaken
  | StreamRefuse;

const KINDS = ["invoke", "result", "message", "output"] as const;
const messageBytes = uintUpTo(MAX_MESSAGE_BYTES);

const content: Codec<StreamContent> = {
  preencode(state, value) {
    state.end++;
    if (value.kind !== "message") {
      uint.preencode(state, value.handle);
      uint.preencode(state, value.callId);
    }
    if (value.kind === "invoke") {
      uint32.preencode(state, value.deadlineMs);
      limits.preencode(state, value.limits);
      uint.preencode(state, value.inputBytes);
    }
    if (value.kind !== "output") messageBytes.preencode(state, value.messageBytes);
  },
  encode(state, value) {
    uint8.encode(state, KINDS.indexOf(value.kind));
    if (value.kind !== "message") {
      uint.encode(state, value.handle);
      uint.encode(state, value.callId);
    }
    if (value.kind === "invoke") {
      uint32.encode(state, value.deadlineMs);
      limits.encode(state, value.limits);
      uint.encode(state, value.inputBytes);
    }
    if (value.kind !== "output") messageBytes.encode(state, value.messageBytes);
  },
  decode: decodeContent,
};

function decodeContent(state: State): StreamContent {
  const number = uint8.decode(state);
  const kind = KINDS[number];
  if (kind === undefined) throw malformed(`A stream of unknown content: ${number}.`);
  if (kind === "message") return { kind, messageBytes: messageBytes.decode(state) };
  const handle = uint.decode(state);
  const callId = uint.decode(state);
  if (kind === "output") return { kind, handle, callId };
  if (kind === "result") return { kind, handle, callId, messageBytes: messageBytes.decode(state) };
  const deadlineMs = uint32.decode(state);
  const bounds = limits.decode(state);
  const inputBytes = uint.decode(state);
  return { kind, handle, callId, deadlineMs, limits: bounds, inputBytes, messageBytes: messageBytes.decode(state) };
}

/** Codecs of the messages of streams by name; `frame.ts` gives them their numbers. */
export const streamMessageCodecs: { readonly [M in StreamMessage as M["type"]]: Codec<M> } = {
  streamOpen: message<StreamOpen>("streamOpen", { streamId: uint, content }),
  streamData: message<StreamData>("streamData", { streamId: uint, bytes: bytesUpTo(MAX_FRAME_BYTES) }),
  streamEnd: message<StreamEnd>("streamEnd", { streamId: uint, hash: fixedBytes(32) }),
  streamAbort: message<StreamAbort>("streamAbort", { streamId: uint }),
  streamCredit: message<StreamCredit>("streamCredit", { streamId: uint, bytes: uint32 }),
  streamTaken: message<StreamTaken>("streamTaken", { streamId: uint }),
  streamRefuse: message<StreamRefuse>("streamRefuse", { streamId: uint, code }),
};
