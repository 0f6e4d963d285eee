export {
  accessTokenAbi,
  administrationAbi,
  bezierMarketAbi,
  demecTokenAbi,
  errorsAbi,
  faultCourtAbi,
  guardianAbi,
  providerStakingAbi,
  serviceRegistryAbi,
  slaEscrowAbi,
} from "./generated/abis.ts";
