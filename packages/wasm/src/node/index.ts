export { bubblewrapLauncher } from "./bubblewrap.ts";
export type { EngineEntry, EngineModule } from "./engineModule.ts";
export {
  Executor,
  type ExecutorOptions,
  type ExecutorStatus,
  type RunCall,
  type StreamedCall,
  type StreamedOutcome,
  type TimedOutcome,
} from "./executor.ts";
export { type ChildCommand, type Launcher, plainLauncher } from "./launcher.ts";
