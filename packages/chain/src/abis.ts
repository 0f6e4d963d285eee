export {
  accessTokenAbi,
  administrationAbi,
  bezierMarketAbi,
  delegatedStakeAbi,
  demecTokenAbi,
  errorsAbi,
  faultCourtAbi,
  guardianAbi,
  limitOrdersAbi,
  providerStakingAbi,
  serviceRegistryAbi,
  slaEscrowAbi,
} from "./generated/abis.ts";
