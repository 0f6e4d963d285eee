export type { RunCall, StreamedCall, StreamedOutcome, TimedOutcome } from "../scheduling/moduleExecutor.ts";
export { bubblewrapLauncher } from "./bubblewrap.ts";
export type { EngineEntry, EngineModule } from "./engineModule.ts";
export { Executor, type ExecutorOptions, type ExecutorStatus } from "./executor.ts";
export { type ChildCommand, type Launcher, plainLauncher } from "./launcher.ts";
