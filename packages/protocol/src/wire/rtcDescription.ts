import type { Hex } from "../eip712.ts";
import { assertAllRead, listUpTo, oneOf, plainView, struct } from "./combinators.ts";
import { type Codec, hexOf, malformed, type State, stringUpTo, uint32, uintUpTo } from "./primitives.ts";

/** Where one end of a peer connection may be reached: a UDP address that is its own, seen by a STUN server, or a TURN server's. */
export interface RtcCandidate {
  readonly type: "host" | "srflx" | "relay";
  /** Higher is tried sooner (RFC 8445, section 5.1.2). */
  readonly priority: number;
  /** Literal IP address. */
  readonly host: string;
  readonly port: number;
}

/**
 * What one end of a peer connection tells the other before there is one: all that differs between two session descriptions
 * (SDP) with one data channel. No text of a stranger's gets into a parser of SDP that way.
 */
export interface RtcDescription {
  /** ICE's name and password of this end (RFC 8839, section 5.4). */
  readonly ufrag: string;
  readonly pwd: string;
  /** SHA-256 of this end's DTLS certificate. */
  readonly fingerprint: Hex;
  readonly candidates: readonly RtcCandidate[];
}

export const MAX_RTC_CANDIDATES = 8;
/** Longest description, encoded. */
export const MAX_RTC_DESCRIPTION_BYTES = 1024;

const ICE_CHARS = /^[A-Za-z0-9+/]*$/;
const IP = /^(?:(?:\d{1,3}\.){3}\d{1,3}|(?=.*:)[0-9a-fA-F:.]{2,45})$/;

/** A text of `min` to `max` characters that match. */
function textLike(pattern: RegExp, min: number, max: number): Codec<string> {
  const text = stringUpTo(max);
  return {
    ...text,
    decode(state) {
      const value = text.decode(state);
      if (value.length < min || !pattern.test(value)) throw malformed("A text has characters that it may not have.");
      return value;
    },
  };
}

const candidate = struct<RtcCandidate>({
  type: oneOf("host", "srflx", "relay"),
  priority: uint32,
  host: textLike(IP, 2, 45),
  port: uintUpTo(65_535),
});

const description = struct<RtcDescription>({
  ufrag: textLike(ICE_CHARS, 4, 64),
  pwd: textLike(ICE_CHARS, 22, 256),
  fingerprint: hexOf(32),
  candidates: listUpTo(MAX_RTC_CANDIDATES, candidate),
});

/** @throws protocol/out-of-range */
export function encodeRtcDescription(value: RtcDescription): Uint8Array {
  const state: State = { start: 0, end: 0, buffer: new Uint8Array(0) };
  description.preencode(state, value);
  state.buffer = new Uint8Array(state.end);
  description.encode(state, value);
  return state.buffer;
}

/** Inverse of {@link encodeRtcDescription}. @throws protocol/malformed */
export function decodeRtcDescription(bytes: Uint8Array): RtcDescription {
  if (bytes.length > MAX_RTC_DESCRIPTION_BYTES) throw malformed(`A description has ${bytes.length} bytes.`);
  const state: State = { start: 0, end: bytes.length, buffer: plainView(bytes) };
  const value = description.decode(state);
  assertAllRead(state);
  return value;
}
