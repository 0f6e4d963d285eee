export { type RunningGateway, startGateway } from "./gateway.ts";
export type { JsonSchema } from "./openapi.ts";
export {
  type BudgetPolicy,
  DEFAULT_LIMITS,
  type EndpointOptions,
  type GatewayLimits,
  type GatewayOptions,
  type PaymentPolicy,
} from "./options.ts";
