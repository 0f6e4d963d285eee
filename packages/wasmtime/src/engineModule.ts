import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineModule } from "@demec/wasm/node";
import { isBuilt } from "./native.ts";

/** Wasmtime for the executor, or undefined where the add-on is not built: the executor then runs V8. */
export function wasmtimeModule(): EngineModule | undefined {
  if (!isBuilt()) return undefined;
  const here = fileURLToPath(import.meta.url);
  const url = new URL(here.endsWith(".ts") ? "./module.ts" : "./module.js", import.meta.url).href;
  return { name: "wasmtime", url, roots: [dirname(dirname(here))], usesAddons: true, stopsItself: true };
}
