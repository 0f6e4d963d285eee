export * from "./levelJournal.ts";
export * from "./openLevel.ts";
