/** What a child of the executor loads; `wasmtimeModule` puts its options into the address. */
import { type Engine, V8Engine } from "@demec/wasm";
import { WasmtimeEngine } from "./engine.ts";
import { TieredEngine } from "./tiered.ts";

/** One call runs at a time; the others are for memories that the system is still taking back. */
const INSTANCES = 4;

/** @throws executor/no-engine */
export function createEngine(): Engine {
  const options = new URL(import.meta.url).searchParams;
  const isEager = options.has("eager");
  const cacheFolder = options.get("cacheFolder");
  const wasmtime = new WasmtimeEngine({
    instances: INSTANCES,
    compilesAside: !isEager,
    hasBackstop: options.has("backstop"),
    ...(cacheFolder !== null && { cacheFolder }),
  });
  return isEager ? wasmtime : new TieredEngine(new V8Engine(), wasmtime);
}
