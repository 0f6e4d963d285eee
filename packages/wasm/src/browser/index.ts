export type { RunCall, StreamedCall, StreamedOutcome, TimedOutcome } from "../scheduling/moduleExecutor.ts";
export { WorkerExecutor, type WorkerExecutorOptions, type WorkerExecutorStatus } from "./executor.ts";
