import type { RoomErrors } from "./descriptor.ts";

export const lightErrors = {
  "light/bad-options": { retryable: false, next: "Give at least as many different nodes as must agree." },
  "light/no-quorum": { retryable: true, next: "Look at what each node said, and add good ones." },
  "light/bad-proof": { retryable: true, next: "Add a node that answers eth_getProof for recent blocks." },
  "light/foreign-code": { retryable: false, next: "Check the deployment's addresses." },
  "light/false-service": { retryable: false, next: "Use another RPC node." },
  "light/false-provider": { retryable: true, next: "Use another RPC node." },
  "light/false-session": { retryable: false, next: "Use another RPC node." },
} as const satisfies RoomErrors<"light">;
