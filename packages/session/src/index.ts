export * from "./buyer.ts";
export * from "./effects.ts";
export * from "./journal.ts";
export * from "./provider.ts";
export * from "./pump.ts";
export * from "./records.ts";
export * from "./terms.ts";
