import { assertAllRead, listUpTo, message, nullable, plainView, struct } from "./combinators.ts";
import {
  bool,
  bytesUpTo,
  type Codec,
  fixedBytes,
  malformed,
  type State,
  stringUpTo,
  uint,
  uint8,
  uint32,
  uintUpTo,
} from "./primitives.ts";

/** A record of the DHT as its node key's holder signed it. */
export interface SignedRecord {
  readonly seq: number;
  readonly value: Uint8Array;
  /** By ed25519, over the DHT's own form of seq and value; 64 bytes. */
  readonly signature: Uint8Array;
}

/** What one end asks of another that takes part in the DHT; `id` is the asker's, for the answers. */
export type GuideRequest =
  /** Who announced a topic: peers, then done. */
  | { readonly type: "lookup"; readonly id: number; readonly topic: Uint8Array; readonly limit: number }
  /** The asker wants no more answers. */
  | { readonly type: "stop"; readonly id: number }
  /** The record of a node key: the newest that is found, or the first. */
  | { readonly type: "read"; readonly id: number; readonly publicKey: Uint8Array; readonly isNewest: boolean }
  /** Puts the asker's own record. */
  | { readonly type: "put"; readonly id: number; readonly record: SignedRecord }
  /** Announces the asker under a topic, or no longer; what is to be signed is asked back. */
  | { readonly type: "announce"; readonly id: number; readonly topic: Uint8Array }
  | { readonly type: "unannounce"; readonly id: number; readonly topic: Uint8Array }
  /** From now on tunnels to the asker may be opened. */
  | { readonly type: "listen"; readonly id: number }
  /** The answer to `sign`. */
  | { readonly type: "signed"; readonly signId: number; readonly signature: Uint8Array };

export type GuideAnswer =
  | { readonly type: "peers"; readonly id: number; readonly publicKeys: readonly Uint8Array[] }
  | { readonly type: "record"; readonly id: number; readonly record: SignedRecord | null }
  | { readonly type: "done"; readonly id: number }
  | { readonly type: "failed"; readonly id: number; readonly code: string }
  /** A DHT node wants the announcement signed for itself: its id, and a token that it gave. */
  | {
      readonly type: "sign";
      readonly id: number;
      readonly signId: number;
      readonly nodeId: Uint8Array;
      readonly token: Uint8Array;
    };

export type GuideMessage = GuideRequest | GuideAnswer;

/** Peers that a lookup gives at most. */
export const MAX_GUIDE_PEERS = 64;
/** What the DHT keeps for one node key. */
export const MAX_GUIDE_RECORD_BYTES = 1000;
/** Longest message of a guide, encoded: a list of peers. */
export const MAX_GUIDE_MESSAGE_BYTES = 4096;

/** First byte of each message: part of the protocol, never reused. */
export const GUIDE_TYPE: { readonly [T in GuideMessage["type"]]: number } = {
  lookup: 0x01,
  stop: 0x02,
  read: 0x03,
  put: 0x04,
  announce: 0x05,
  unannounce: 0x06,
  listen: 0x07,
  signed: 0x08,
  peers: 0x41,
  record: 0x42,
  done: 0x43,
  failed: 0x44,
  sign: 0x45,
};

const bytes32 = fixedBytes(32);
const record = struct<SignedRecord>({
  seq: uint,
  value: bytesUpTo(MAX_GUIDE_RECORD_BYTES),
  signature: fixedBytes(64),
});

const codecs: { readonly [T in GuideMessage["type"]]: Codec<Extract<GuideMessage, { type: T }>> } = {
  lookup: message("lookup", { id: uint32, topic: bytes32, limit: uintUpTo(MAX_GUIDE_PEERS) }),
  stop: message("stop", { id: uint32 }),
  read: message("read", { id: uint32, publicKey: bytes32, isNewest: bool }),
  put: message("put", { id: uint32, record }),
  announce: message("announce", { id: uint32, topic: bytes32 }),
  unannounce: message("unannounce", { id: uint32, topic: bytes32 }),
  listen: message("listen", { id: uint32 }),
  signed: message("signed", { signId: uint32, signature: fixedBytes(64) }),
  peers: message("peers", { id: uint32, publicKeys: listUpTo(MAX_GUIDE_PEERS, bytes32) }),
  record: message("record", { id: uint32, record: nullable(record) }),
  done: message("done", { id: uint32 }),
  failed: message("failed", { id: uint32, code: stringUpTo(64) }),
  sign: message("sign", { id: uint32, signId: uint32, nodeId: bytes32, token: bytes32 }),
};
const byNumber = new Map(Object.entries(GUIDE_TYPE).map(([type, number]) => [number, codecs[type as "stop"]]));

/** Type u8, then the message's fields. @throws protocol/out-of-range */
export function encodeGuideMessage(value: GuideMessage): Uint8Array {
  const codec = codecs[value.type] as Codec<GuideMessage>;
  const state: State = { start: 0, end: 1, buffer: new Uint8Array(0) };
  codec.preencode(state, value);
  state.buffer = new Uint8Array(state.end);
  uint8.encode(state, GUIDE_TYPE[value.type]);
  codec.encode(state, value);
  return state.buffer;
}

/** Inverse of {@link encodeGuideMessage}; byte fields are views. @throws protocol/malformed */
export function decodeGuideMessage(bytes: Uint8Array): GuideMessage {
  if (bytes.length > MAX_GUIDE_MESSAGE_BYTES) throw malformed(`A guide's message has ${bytes.length} bytes.`);
  const state: State = { start: 0, end: bytes.length, buffer: plainView(bytes) };
  const number = uint8.decode(state);
  const codec = byNumber.get(number) as Codec<GuideMessage> | undefined;
  if (codec === undefined) throw malformed(`No message of a guide has type ${number}.`);
  const value = codec.decode(state);
  assertAllRead(state);
  return value;
}
