import type { RoomErrors } from "./descriptor.ts";

export const protocolErrors = {
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
  "protocol/bad-files": {
    retryable: false,
    next: "Name files by relative paths below the root, each once, within the bounds in docs/wasi.md.",
  },
  "protocol/frame-too-large": {
    retryable: false,
    next: "Keep a message below MAX_MESSAGE_BYTES, or below the smaller limit that the other side states.",
  },
} as const satisfies RoomErrors<"protocol">;
