export { type WasmtimeCompiledModule, WasmtimeEngine, type WasmtimeOptions } from "./engine.ts";
export { wasmtimeModule } from "./engineModule.ts";
export { isBuilt } from "./native.ts";
export { TieredEngine } from "./tiered.ts";
