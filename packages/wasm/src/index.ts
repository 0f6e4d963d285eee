export { bakeScript, MAX_SCRIPT_BYTES } from "./bakeScript.ts";
export type { CompiledModule, Engine, ModuleInfo } from "./engine.ts";
export { inspectModule } from "./inspect.ts";
export { HOST_DENIED } from "./meter/helpers.ts";
export { METER_EXPORTS, MODULE_LIMITS, RESERVED_PREFIX, STACK } from "./meter/limits.ts";
export { instrumentModule, type MeteredModule, meter } from "./meter/meter.ts";
export { LENGTH_WEIGHTS, WEIGHTS, type WeightClass } from "./meter/weights.ts";
export { assertRunnable } from "./runnable.ts";
export { V8Engine } from "./v8/engine.ts";
