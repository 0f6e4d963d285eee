import type { RoomErrors } from "./descriptor.ts";

export const providerErrors = {
  "provider/no-power": {
    retryable: false,
    next: "State what the machine draws when all its cores are busy (--watts), or run as root where the kernel shows RAPL.",
  },
  "provider/inactive": {
    retryable: false,
    next: "Register with an operator and stake at least the minimum: demec provider start --stake <amount>.",
  },
  "provider/foreign-operator": {
    retryable: false,
    next: "Start with the operator key that is bound on chain, or bind this one.",
  },
  "provider/foreign-node-key": {
    retryable: false,
    next: "Start with the node key that is on chain, or set this one there.",
  },
  "provider/not-enrolled": { retryable: false, next: "Enrol in the service first." },
  "provider/no-browsers": { retryable: false, next: "Serve services that allow it, or run a provider in Node." },
  "provider/meter-version": { retryable: false, next: "Run a release whose meter is the service's." },
  "provider/service-not-served": { retryable: false, next: "Ask another provider." },
  "provider/credits-out-of-range": { retryable: false, next: "Ask for a session within the provider's limits." },
  "provider/at-capacity": { retryable: true, next: "Ask again later, or another provider." },
  "provider/foreign-session": { retryable: false, next: "Attach to the provider that the session was opened with." },
  "provider/session-not-open": { retryable: false, next: "Open a new session; this one is closing or settled." },
  "provider/session-too-shallow": { retryable: true, next: "Attach again when the opening is deeper in the chain." },
  "provider/bad-handle": {
    retryable: false,
    next: "Use a fresh handle for each attachment, and another connection for more of them.",
  },
  "provider/journal-failed": {
    retryable: true,
    next: "Use another provider, or come back when its operator has made room on its disk and started it again.",
  },
  "provider/stops": { retryable: true, next: "Use another provider, or come back later." },
  "provider/output-limit": { retryable: false, next: "Lower limits.outputBytes to what one message carries." },
  "provider/content-too-large": { retryable: false, next: "Name less, or use a provider that takes more by content." },
  "provider/content-busy": {
    retryable: true,
    next: "Wait until calls by content are answered, or use another provider.",
  },
  "provider/module-refused": {
    retryable: false,
    next: "Make the module simpler to compile: smaller functions, fewer of them.",
  },
  "provider/too-many-calls": { retryable: true, next: "Wait for answers before calling again, or use more providers." },
  "provider/call-rate": { retryable: true, next: "Wait a moment before calling again, or use more providers." },
  "provider/at-buyer-limit": { retryable: true, next: "Close a session with this provider first, or ask another." },
  "provider/no-session": { retryable: true, next: "Connect again when a session is to be opened or attached." },
  "provider/too-many-requests": { retryable: true, next: "Wait a second, then ask again." },
  "provider/internal": {
    retryable: true,
    next: "Use another provider; the operator of this one finds more in its log.",
  },
  "provider/bad-metrics-address": { retryable: false, next: "Give another address or port for the metrics." },
} as const satisfies RoomErrors<"provider">;
