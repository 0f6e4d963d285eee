import type { RoomErrors } from "./descriptor.ts";

export const accessErrors = {
  "access/required": { retryable: true, next: "Enter first: answer the provider's challenge, and show the token." },
  "access/not-gated": { retryable: false, next: "Nothing: call the service without a token." },
  "access/refused": {
    retryable: false,
    next: "Meet the condition that the service names, or ask a grantor for a grant.",
  },
  "access/expired": {
    retryable: true,
    next: "Enter again for a new token; a grant that has expired is to be renewed.",
  },
  "access/revoked": { retryable: false, next: "Ask who granted access for a new grant." },
  "access/replayed": {
    retryable: true,
    next: "Ask for a new challenge, and use every token that is for single use once.",
  },
  "access/bad-token": { retryable: true, next: "Use a token that this very provider issued for this very service." },
  "access/bad-proof": {
    retryable: false,
    next: "Sign the challenge that the gate made, unchanged, with the account it names.",
  },
  "access/bad-grant": {
    retryable: false,
    next: "Give the whole chain of grants, root first, each signed by its issuer.",
  },
  "access/wider-grant": { retryable: false, next: "Grant no more than the grant above allows." },
  "access/calls-used-up": { retryable: false, next: "Ask who granted access for a grant of more calls." },
  "access/bad-policy": { retryable: false, next: "Write the gate's policy as docs/access.md describes it." },
  "access/foreign-challenge": {
    retryable: false,
    next: "Sign nothing: the provider asks for something other than to enter the service that is wanted.",
  },
  "access/sealed-to-others": {
    retryable: false,
    next: "Seal the secrets to the node key of the provider that is called.",
  },
  "access/tampered-box": { retryable: false, next: "Seal the secrets again: the box was changed on its way." },
  "access/foreign-box": {
    retryable: false,
    next: "Seal the secrets for the service that is called, and for its caller.",
  },
} as const satisfies RoomErrors<"access">;
