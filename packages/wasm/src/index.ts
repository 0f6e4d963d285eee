export type { CompiledModule, Engine, ModuleInfo } from "./engine.ts";
export { inspectModule } from "./inspect.ts";
export { type MeteredModule, meter } from "./meter/meter.ts";
export { V8Engine } from "./v8/engine.ts";
