import type { RoomErrors } from "./descriptor.ts";

export const networkErrors = {
  "network/unreachable": {
    retryable: true,
    next: "Try another provider, or the same one later; check that its node runs and that the DHT can be reached.",
  },
  "network/timeout": { retryable: true, next: "Try again, with a longer timeout if the path is slow." },
  "network/aborted": { retryable: true, next: "Nothing: the caller asked for it." },
  "network/bad-address": {
    retryable: false,
    next: "Give an IP address to bind and, where that is not what others connect to, a public address.",
  },
  "network/guide-refused": {
    retryable: true,
    next: "Ask another guide, or the same one later.",
  },
  "network/no-guide": {
    retryable: true,
    next: "Check the network, and the guides' URLs and keys.",
  },
  "network/bad-record": {
    retryable: true,
    next: "Ask another guide.",
  },
  "network/record-too-long": { retryable: false, next: "Publish less: fewer or shorter addresses." },
  "network/bad-node-seed": {
    retryable: false,
    next: "Restore the file from a backup, or remove it: a new node key is made at the next start.",
  },
  "network/key-mismatch": {
    retryable: false,
    next: "Do not use this peer: it does not hold the node key that was asked for. Read the key from the chain again.",
  },
  "network/version-mismatch": { retryable: false, next: "Bring the older end to the newer version of deMEC." },
  "network/peer-silent": { retryable: true, next: "Call another provider; connect again when this one is back." },
  "network/closed": { retryable: true, next: "Connect again." },
  "network/overrun": {
    retryable: true,
    next: "Connect again and send no faster than drained() allows, or raise maxQueuedBytes.",
  },
  "network/stream-refused": {
    retryable: true,
    next: "The other side wants no more of this stream: the call it belongs to is over, or too many are under way.",
  },
  "network/webrtc-failed": { retryable: false, next: "Keep the connection." },
  "network/handler-failed": {
    retryable: true,
    next: "Report it with the cause: the handler of a message threw, so its connection was closed.",
  },
  "network/content-hash-mismatch": {
    retryable: false,
    next: "Do not use it: the core does not hold the bytes that were named. Tell whoever named it.",
  },
  "network/content-not-found": {
    retryable: true,
    next: "Check the core's key and that its publisher, or another peer that has the content, is online.",
  },
  "network/content-too-large": { retryable: false, next: "Raise maxBytes if content of this size is wanted." },
  "network/content-full": {
    retryable: true,
    next: "Try again when less is needed at once, or give the store more bytes.",
  },
} as const satisfies RoomErrors<"network">;
