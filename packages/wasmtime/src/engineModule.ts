import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineModule } from "@demec/wasm/node";
import { addonPath } from "./native.ts";

export interface WasmtimeModuleOptions {
  /** Every call runs on Wasmtime, the first one too; else a module's first calls run on V8, which compiles faster. */
  readonly isEager?: boolean;
  /** Wasmtime ends calls at their deadline itself; else the executor ends their process, which costs calls that run nothing. */
  readonly hasBackstop?: boolean;
  /** Folder of compiled modules; see `WasmtimeOptions`. The machine's sandbox must let children in. */
  readonly cacheFolder?: string;
}

/** Wasmtime for the executor, or undefined where there is no add-on for this machine: the executor then runs V8. */
export function wasmtimeModule(options: WasmtimeModuleOptions = {}): EngineModule | undefined {
  const addon = addonPath();
  if (addon === undefined) return undefined;
  const here = fileURLToPath(import.meta.url);
  const url = new URL(here.endsWith(".ts") ? "./module.ts" : "./module.js", import.meta.url);
  if (options.isEager) url.searchParams.set("eager", "");
  if (options.hasBackstop) url.searchParams.set("backstop", "");
  if (options.cacheFolder !== undefined) url.searchParams.set("cacheFolder", options.cacheFolder);
  return {
    name: "wasmtime",
    url: url.href,
    roots: [dirname(dirname(here)), dirname(addon)],
    usesAddons: true,
    stopsItself: options.hasBackstop ?? false,
  };
}
