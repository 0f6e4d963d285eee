export { litActionCode } from "./api/action.ts";
export { type LitApiOptions, litApi } from "./api/litApi.ts";
export type { LitBackend } from "./backend.ts";
export type { LitClient, LitClientModule } from "./nodes/client.ts";
export { type LitNodes, type LitNodesOptions, litNodes } from "./nodes/litNodes.ts";
