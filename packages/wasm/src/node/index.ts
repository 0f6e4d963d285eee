export type { EngineEntry, EngineModule } from "./engineModule.ts";
export { Executor, type ExecutorOptions, type ExecutorStatus, type RunCall, type TimedOutcome } from "./executor.ts";
export { type Launcher, plainLauncher } from "./launcher.ts";
