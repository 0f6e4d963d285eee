export * from "./levelJournal.ts";
