import { DEFAULT_POLICY, type ProviderPolicy } from "../policy.ts";

/** What suits a tab: few buyers, short calls, nothing by content, and no promise to answer the chain while it may be asleep. */
export const TAB_POLICY: ProviderPolicy = {
  ...DEFAULT_POLICY,
  maxSessions: 32,
  maxSessionsPerBuyer: 4,
  maxDeadlineMs: 15_000,
  maxCallsPerBuyer: 256,
  // Each look is requests to somebody's RPC.
  reviewMs: 5_000,
  idleCloseMs: 600_000,
  strangers: { ...DEFAULT_POLICY.strangers, maxConnections: 64, maxConnectionsPerHost: 64 },
  content: { ...DEFAULT_POLICY.content, maxBytes: 0, maxModuleBytes: 0 },
  demands: null,
};
