export type { ContentPort } from "./content/fetcher.ts";
export { type ContentPolicy, DEFAULT_CONTENT_POLICY } from "./content/policy.ts";
export type { ExecutorPort } from "./executorPort.ts";
export type { Logger } from "./logger.ts";
export { DEFAULT_POLICY, type ProviderPolicy } from "./policy.ts";
export { Provider, type ProviderOptions, type ProviderStatus } from "./provider.ts";
export { type SetUpOptions, setUpProvider } from "./setUp.ts";
