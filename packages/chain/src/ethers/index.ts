// For dApps on ethers v6, an optional peer.
export type { AccessToken } from "../generated/ethers/AccessToken.ts";
export type { Administration } from "../generated/ethers/Administration.ts";
export type { BezierMarket } from "../generated/ethers/BezierMarket.ts";
export type { DelegatedStake } from "../generated/ethers/DelegatedStake.ts";
export type { DemecToken } from "../generated/ethers/DemecToken.ts";
export type { FaultCourt } from "../generated/ethers/FaultCourt.ts";
export type { Guardian } from "../generated/ethers/Guardian.ts";
export type { LimitOrders } from "../generated/ethers/LimitOrders.ts";
export type { ProviderStaking } from "../generated/ethers/ProviderStaking.ts";
export type { ServiceRegistry } from "../generated/ethers/ServiceRegistry.ts";
export type { SlaEscrow } from "../generated/ethers/SlaEscrow.ts";
export { fromProvider, fromSigner } from "./clients.ts";
export { type Contracts, contractsAt } from "./contracts.ts";
