import type { SessionStatus } from "./types.ts";

/** As `SlaEscrow` numbers them; zero is no session. */
export const SESSION_STATUSES = [undefined, "open", "closing", "settled"] as const satisfies (
  | SessionStatus
  | undefined
)[];
