export { Executor, type ExecutorOptions, type ExecutorStatus, type RunCall } from "./executor.ts";
