/** What a code promises: whether the same call may succeed later, and the next step for whoever reads it. */
export interface ErrorDescriptor {
  readonly retryable: boolean;
  readonly next: string;
}

/**
 * Every error code of the project, by room. Codes are stable: they are never renamed and never reused.
 * The error index of the documentation is generated from this table.
 */
export const ERROR_TABLE = {
  "protocol/out-of-range": { retryable: false, next: "Give a value inside the stated range." },
  "protocol/malformed": {
    retryable: false,
    next: "Check that both ends run a compatible version; the bytes are not a valid encoding.",
  },
  "protocol/bad-signature": { retryable: false, next: "Sign with the key that was committed for this purpose." },
  "protocol/bad-service-name": {
    retryable: false,
    next: "Name the service by its CAIP-19 id: eip155:<chain>/erc1155:<token contract>/<id>.",
  },
  "protocol/bad-region": {
    retryable: false,
    next: "Use lower-case segments joined by '-', coarse to fine, such as eu-de-fra.",
  },
  "curve/unordered": {
    retryable: false,
    next: "Give control points with strictly increasing supply and non-decreasing price.",
  },
  "curve/out-of-range": { retryable: false, next: "Keep supply and price inside the ranges stated in docs/curve.md." },
  "protocol/frame-too-large": {
    retryable: false,
    next: "Keep a message below MAX_FRAME_BYTES, or below the smaller limit that the other side states.",
  },
  "network/unreachable": {
    retryable: true,
    next: "Try another provider, or the same one later; check that its node runs and that the DHT can be reached.",
  },
  "network/timeout": { retryable: true, next: "Try again, with a longer timeout if the path is slow." },
  "network/aborted": { retryable: true, next: "Nothing: the caller asked for it." },
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
  "network/handler-failed": {
    retryable: true,
    next: "Report it with the cause: the handler of a message threw, so its connection was closed.",
  },
  "network/code-hash-mismatch": {
    retryable: false,
    next: "Do not run it: the core's content is not the module the service names. Tell its publisher.",
  },
  "network/code-not-found": {
    retryable: true,
    next: "Check the core's key and that its publisher, or another peer that has the code, is online.",
  },
  "network/code-too-large": { retryable: false, next: "Raise maxBytes if a module of this size is wanted." },
} as const satisfies Record<string, ErrorDescriptor>;

export type ErrorCode = keyof typeof ERROR_TABLE;
