import type { RoomErrors } from "./descriptor.ts";

export const sessionErrors = {
  "session/insufficient-credits": {
    retryable: false,
    next: "Open a further session, or lower the call's limits: its worst case must fit the credits left.",
  },
  "session/exposure-exceeded": {
    retryable: true,
    next: "Wait until calls in flight are answered and signed for, then call again.",
  },
  "session/call-too-large": {
    retryable: false,
    next: "Lower the call's limits or deadline, or raise maxUnsignedCredits.",
  },
  "session/too-many-bytes": { retryable: true, next: "Wait until calls with much input have been answered." },
  "session/result-dropped": {
    retryable: true,
    next: "Take results sooner, or ask for fewer at once: call again; what was dropped is not charged.",
  },
  "session/stream-broken": {
    retryable: true,
    next: "Call again: output without its receipt is worth nothing, and nothing was charged.",
  },
  "session/too-many-in-flight": { retryable: true, next: "Wait for an answer before calling again." },
  "session/halted": { retryable: false, next: "Settle the session at its newest state and open another one." },
  "session/closing": { retryable: false, next: "Open another session: this one is at its end." },
  "session/deadline": { retryable: true, next: "Call again with a longer deadline, or on another provider." },
  "session/cancelled": { retryable: false, next: "Nothing: the caller withdrew the call." },
  "session/faulted": { retryable: true, next: "Call again: this call ended in a fault and cost nothing." },
  "session/unknown-call": { retryable: true, next: "Call again: the provider holds nothing of this call any more." },
  "session/call-id-reused": { retryable: false, next: "Give every call of a session its own id." },
  "session/bad-request": { retryable: false, next: "Give a request whose fields are inside their ranges." },
  "session/wrong-module": {
    retryable: false,
    next: "Bring a module to services without one (withModule), and to no others.",
  },
  "session/executor-misreport": {
    retryable: true,
    next: "Call again on another provider.",
  },
  "session/replayed-state": { retryable: false, next: "Propose a state with a sequence number above the newest one." },
  "session/foreign-key": { retryable: false, next: "Sign with the keys that were committed when the session opened." },
  "session/rolled-back": {
    retryable: false,
    next: "Settle at the newest state; one side's journal lost a state that it had signed.",
  },
  "session/implausible-usage": { retryable: false, next: "Settle at the newest state and use another provider." },
  "session/implausible-latency": { retryable: false, next: "Settle at the newest state." },
  "session/state-mismatch": {
    retryable: false,
    next: "Settle at the newest state.",
  },
  "session/unknown-calls": { retryable: true, next: "Propose again without the calls that the buyer doesn't know." },
  "session/missing-breach": { retryable: true, next: "Propose again with every breach since the newest state." },
  "session/not-closing": { retryable: true, next: "Propose a final state only when the buyer asked for one." },
  "session/refused-to-sign": { retryable: false, next: "Settle at the newest state." },
  "session/out-of-order": { retryable: false, next: "Settle at the newest state." },
  "session/wrong-key": { retryable: false, next: "Use the private key of the address that the session names." },
  "session/journal-corrupt": {
    retryable: false,
    next: "Settle with the newest state that the other side or a watchtower holds.",
  },
  "session/journal-failed": {
    retryable: false,
    next: "Make room or repair the disk, restart or reload, and settle or resume from what the journal kept.",
  },
  "session/journal-locked": {
    retryable: false,
    next: "Stop the other process or close the other tab that uses it, or take another store.",
  },
  "session/insecure-page": { retryable: false, next: "Serve the page over https, or from localhost." },
  "session/vault-failed": {
    retryable: false,
    next: "Make room or repair the disk: no session is opened with a key that can't be kept.",
  },
} as const satisfies RoomErrors<"session">;
