import type { RoomErrors } from "./descriptor.ts";

export const litErrors = {
  "lit/unavailable": { retryable: true, next: "Check that Lit can be reached, then try again." },
  "lit/refused": { retryable: false, next: "Check the API key, its permissions and its account's balance." },
  "lit/not-installed": { retryable: false, next: "npm install @lit-protocol/lit-node-client@7.4.0" },
  "lit/unsupported-condition": { retryable: false, next: "Let the chain decide, without Lit." },
} as const satisfies RoomErrors<"lit">;
