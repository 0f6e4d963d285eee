import type { RoomErrors } from "./descriptor.ts";

export const litErrors = {
  "lit/unavailable": { retryable: true, next: "Check that Lit can be reached; see the error's cause." },
  "lit/refused": {
    retryable: false,
    next: "Check the API key, its account's balance and that its group may run the action.",
  },
  "lit/not-installed": { retryable: false, next: "npm install @lit-protocol/lit-node-client@7.4.0" },
  "lit/unsupported-condition": {
    retryable: false,
    next: "Ask for credits, stake, tokens, roles or accounts; or let the chain decide, without Lit.",
  },
} as const satisfies RoomErrors<"lit">;
