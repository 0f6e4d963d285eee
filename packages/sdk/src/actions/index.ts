export * from "./channel.ts";
export * from "./market.ts";
export * from "./session.ts";
