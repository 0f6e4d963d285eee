import type { ModuleInfo } from "./engine.ts";
import { meter } from "./meter/meter.ts";

/** Says what a module as published is, after every check that `meter` makes. @throws wasm/… as `meter` does */
export function inspectModule(module: Uint8Array): ModuleInfo {
  return meter(module).info;
}
