export type { ModuleSource } from "./moduleStore.ts";
export { startTab, type Tab, type TabNetwork, type TabOptions, type TabStatus } from "./startTab.ts";
