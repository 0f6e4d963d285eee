export {
  accessTokenAbi,
  administrationAbi,
  bezierMarketAbi,
  demecTokenAbi,
  errorsAbi,
  faultCourtAbi,
  guardianAbi,
  limitOrdersAbi,
  providerStakingAbi,
  serviceRegistryAbi,
  slaEscrowAbi,
} from "./generated/abis.ts";
