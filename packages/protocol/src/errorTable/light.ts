import type { RoomErrors } from "./descriptor.ts";

export const lightErrors = {
  "light/bad-options": { retryable: false, next: "Give at least as many different nodes as must agree." },
  "light/no-quorum": {
    retryable: true,
    next: "Look at what each node said: add nodes that are known to be good, or wait until they have caught up.",
  },
  "light/bad-header": { retryable: false, next: "Leave this node out: its block's fields don't make its hash." },
  "light/other-block": { retryable: true, next: "Wait until the node has caught up, or leave it out." },
  "light/bad-proof": {
    retryable: true,
    next: "Add a node that keeps the state of recent blocks and answers eth_getProof.",
  },
  "light/foreign-code": {
    retryable: false,
    next: "Check the deployment's addresses, and that it was built from this version's contracts.",
  },
  "light/false-service": { retryable: false, next: "Don't pay: use another RPC node, the light client's for example." },
  "light/false-provider": {
    retryable: false,
    next: "Don't pay: use another RPC node, or try again if the provider has just changed its keys.",
  },
  "light/false-session": { retryable: false, next: "Don't pay: ask another RPC node whether it was opened." },
} as const satisfies RoomErrors<"light">;
