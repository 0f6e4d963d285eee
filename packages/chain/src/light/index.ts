export type { BlockSource, SettledBlock } from "./blockQuorum.ts";
export type { TrustedBlock } from "./header.ts";
export { createLightClient, type LightClient, type LightClientOptions, type Proved } from "./lightClient.ts";
export type { ProvedProvider } from "./provedProvider.ts";
export type { ProvedSession } from "./provedSession.ts";
export type { Refusal } from "./rpc.ts";
