import { DemecError, isDemecError } from "../errors.ts";
import type { ControlMessage, SessionMessage } from "../messages.ts";
import { assertAllRead, plainView } from "./combinators.ts";
import { type ConnectionMessage, controlMessageCodecs } from "./controlMessages.ts";
import { MAX_MESSAGE_BYTES } from "./limits.ts";
import { type Codec, malformed, type State, uint } from "./primitives.ts";
import { sessionMessageCodecs } from "./sessionMessages.ts";
import { type StreamMessage, streamMessageCodecs } from "./streamMessages.ts";

/** A message of the attached session that `handle` names on this connection. */
export interface SessionFrame {
  readonly type: "session";
  readonly handle: number;
  readonly message: SessionMessage;
}

/** A frame of a type that this version does not know: to be refused politely, with `unsupported`. */
export interface UnknownFrame {
  readonly type: "unknown";
  readonly messageType: number;
}

/** What stands outside sessions. */
type OuterMessage = ControlMessage | ConnectionMessage | StreamMessage;
export type Frame = OuterMessage | SessionFrame;
export type DecodedFrame = Frame | UnknownFrame;

/** Numbers of control messages, first byte of their frames: part of the protocol, never reused. 0x00 … 0x3f. */
export const CONTROL_TYPE: { readonly [T in OuterMessage["type"]]: number } = {
  hello: 0x01,
  ping: 0x02,
  pong: 0x03,
  goodbye: 0x04,
  unsupported: 0x05,
  offerRequest: 0x10,
  offerReply: 0x11,
  refuse: 0x12,
  attach: 0x13,
  attached: 0x14,
  streamOpen: 0x20,
  streamData: 0x21,
  streamEnd: 0x22,
  streamAbort: 0x23,
  streamCredit: 0x24,
  streamTaken: 0x25,
  streamRefuse: 0x26,
};

/** Numbers of session messages, which are followed by their handle. 0x40 … 0x7f. */
export const SESSION_TYPE: { readonly [T in SessionMessage["type"]]: number } = {
  invoke: 0x40,
  cancel: 0x41,
  result: 0x42,
  fault: 0x43,
  ack: 0x44,
  propose: 0x45,
  accept: 0x46,
  reject: 0x47,
  closeRequest: 0x48,
};

const controlCodecs = byNumber<OuterMessage>(CONTROL_TYPE, { ...controlMessageCodecs, ...streamMessageCodecs });
const sessionCodecs = byNumber<SessionMessage>(SESSION_TYPE, sessionMessageCodecs);

function byNumber<M extends { readonly type: string }>(
  numbers: Readonly<Record<string, number>>,
  codecs: Readonly<Record<string, unknown>>,
): readonly (Codec<M> | undefined)[] {
  const table = new Array<Codec<M> | undefined>(256).fill(undefined);
  for (const [name, number] of Object.entries(numbers)) table[number] = codecs[name] as Codec<M>;
  return table;
}

/** One frame: type u8, for session messages their handle, then the message's fields, to the end of the frame. */
export const frameCodec = {
  preencode(state: State, frame: Frame): void {
    state.end++;
    if (frame.type === "session") {
      uint.preencode(state, frame.handle);
      sessionCodecs[SESSION_TYPE[frame.message.type]]!.preencode(state, frame.message);
    } else {
      controlCodecs[CONTROL_TYPE[frame.type]]!.preencode(state, frame);
    }
  },
  encode(state: State, frame: Frame): void {
    if (frame.type === "session") {
      const number = SESSION_TYPE[frame.message.type];
      state.buffer[state.start++] = number;
      uint.encode(state, frame.handle);
      sessionCodecs[number]!.encode(state, frame.message);
    } else {
      const number = CONTROL_TYPE[frame.type];
      state.buffer[state.start++] = number;
      controlCodecs[number]!.encode(state, frame);
    }
  },
};

/** Size of a frame's encoding in bytes. @throws protocol/frame-too-large beyond `maxBytes` */
export function frameBytes(frame: Frame, maxBytes = MAX_MESSAGE_BYTES): number {
  const state: State = { start: 0, end: 0, buffer: EMPTY };
  frameCodec.preencode(state, frame);
  assertFrameSize(state.end, maxBytes);
  return state.end;
}

/**
 * The bytes of a frame.
 * @throws protocol/out-of-range for a field that has no encoding
 * @throws protocol/frame-too-large beyond {@link MAX_MESSAGE_BYTES}
 */
export function encodeFrame(frame: Frame): Uint8Array {
  const buffer = new Uint8Array(frameBytes(frame));
  frameCodec.encode({ start: 0, end: buffer.length, buffer }, frame);
  return buffer;
}

/**
 * The frame of exactly these bytes. Byte fields of the result are views of `bytes`, not copies: whoever keeps them
 * longer than the frame copies them. Nobody may write to them.
 * @param maxBytes largest frame that is accepted
 * @throws protocol/malformed for bytes that no frame encodes to
 * @throws protocol/frame-too-large beyond `maxBytes`
 */
export function decodeFrame(bytes: Uint8Array, maxBytes = MAX_MESSAGE_BYTES): DecodedFrame {
  assertFrameSize(bytes.length, maxBytes);
  if (bytes.length === 0) throw malformed("A frame is empty.");
  const state: State = { start: 1, end: bytes.length, buffer: plainView(bytes) };
  const number = bytes[0]!;
  const sessionCodec = sessionCodecs[number];
  const codec = sessionCodec ?? controlCodecs[number];
  if (codec === undefined) return { type: "unknown", messageType: number };
  try {
    const frame: Frame =
      sessionCodec === undefined
        ? controlCodecs[number]!.decode(state)
        : { type: "session", handle: uint.decode(state), message: sessionCodec.decode(state) };
    assertAllRead(state);
    return frame;
  } catch (error) {
    if (isDemecError(error)) throw error;
    throw malformed("The bytes are no frame.", error);
  }
}

/** @throws protocol/frame-too-large */
export function assertFrameSize(bytes: number, maxBytes: number): void {
  if (bytes > maxBytes) {
    throw new DemecError("protocol/frame-too-large", `A frame of ${bytes} bytes exceeds ${maxBytes}.`, {
      details: { bytes, maxBytes },
    });
  }
}

const EMPTY = new Uint8Array(0);
