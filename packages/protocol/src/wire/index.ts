export type { ConnectionMessage, Goodbye, Unsupported } from "./controlMessages.ts";
export * from "./frame.ts";
export * from "./limits.ts";
