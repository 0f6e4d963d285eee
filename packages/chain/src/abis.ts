export {
  accessTokenAbi,
  bezierMarketAbi,
  demecTokenAbi,
  errorsAbi,
  providerStakingAbi,
  serviceRegistryAbi,
  slaEscrowAbi,
} from "./generated/abis.ts";
