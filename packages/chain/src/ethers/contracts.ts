import type { Address } from "@demec/protocol";
import { BaseContract, type ContractRunner, type InterfaceAbi } from "ethers";
import * as abis from "../abis.ts";
import type { Deployment } from "../addresses.ts";
import type { AccessToken } from "../generated/ethers/AccessToken.ts";
import type { Administration } from "../generated/ethers/Administration.ts";
import type { BezierMarket } from "../generated/ethers/BezierMarket.ts";
import type { DelegatedStake } from "../generated/ethers/DelegatedStake.ts";
import type { DemecToken } from "../generated/ethers/DemecToken.ts";
import type { FaultCourt } from "../generated/ethers/FaultCourt.ts";
import type { Guardian } from "../generated/ethers/Guardian.ts";
import type { LimitOrders } from "../generated/ethers/LimitOrders.ts";
import type { ProviderStaking } from "../generated/ethers/ProviderStaking.ts";
import type { ServiceRegistry } from "../generated/ethers/ServiceRegistry.ts";
import type { SlaEscrow } from "../generated/ethers/SlaEscrow.ts";

/** All contracts of a deployment, with TypeChain's types. */
export interface Contracts {
  readonly demecToken: DemecToken;
  readonly staking: ProviderStaking;
  readonly delegation: DelegatedStake;
  readonly registry: ServiceRegistry;
  readonly accessToken: AccessToken;
  readonly market: BezierMarket;
  readonly escrow: SlaEscrow;
  readonly court: FaultCourt;
  readonly guardian: Guardian;
  readonly administration: Administration;
  readonly limitOrders: LimitOrders;
}

/**
 * The contracts themselves, for what no action does. Actions check and explain more: `fromSigner`.
 * @param runner ethers signer to send transactions with, or provider to read with
 */
export function contractsAt(deployment: Deployment, runner: ContractRunner): Contracts {
  const at = <T>(address: Address, abi: InterfaceAbi) => new BaseContract(address, abi, runner) as T;
  return {
    demecToken: at(deployment.demecToken, abis.demecTokenAbi),
    staking: at(deployment.staking, abis.providerStakingAbi),
    delegation: at(deployment.delegation, abis.delegatedStakeAbi),
    registry: at(deployment.registry, abis.serviceRegistryAbi),
    accessToken: at(deployment.accessToken, abis.accessTokenAbi),
    market: at(deployment.market, abis.bezierMarketAbi),
    escrow: at(deployment.escrow, abis.slaEscrowAbi),
    court: at(deployment.court, abis.faultCourtAbi),
    guardian: at(deployment.guardian, abis.guardianAbi),
    administration: at(deployment.administration, abis.administrationAbi),
    limitOrders: at(deployment.limitOrders, abis.limitOrdersAbi),
  };
}
