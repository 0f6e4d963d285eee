import type { RoomErrors } from "./descriptor.ts";

export const watchtowerErrors = {
  "watchtower/no-state": { retryable: true, next: "Leave a state once both sides have signed one." },
  "watchtower/foreign-buyer": { retryable: false, next: "Use a watchtower that watches for this buyer." },
  "watchtower/full": { retryable: true, next: "Settle sessions first, or use another watchtower." },
  "watchtower/too-many-requests": { retryable: true, next: "Wait a second, then leave the state again." },
  "watchtower/internal": {
    retryable: true,
    next: "Use another watchtower; the operator of this one finds more in its log.",
  },
} as const satisfies RoomErrors<"watchtower">;
