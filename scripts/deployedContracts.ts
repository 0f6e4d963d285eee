/** Contracts of one instance of the system, each in contracts/NAME.sol. */
export const DEPLOYED_CONTRACTS = [
  "DemecToken",
  "ProviderStaking",
  "DelegatedStake",
  "ServiceRegistry",
  "AccessToken",
  "BezierMarket",
  "SlaEscrow",
  "FaultCourt",
  "Guardian",
  "Administration",
  "LimitOrders",
] as const;
