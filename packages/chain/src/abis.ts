export {
  accessTokenAbi,
  bezierMarketAbi,
  demecTokenAbi,
  errorsAbi,
  limitOrdersAbi,
  providerStakingAbi,
  serviceRegistryAbi,
  slaEscrowAbi,
} from "./generated/abis.ts";
