import type { RoomErrors } from "./descriptor.ts";

export const executorErrors = {
  "executor/unknown-module": { retryable: true, next: "Load the module, then call again." },
  "executor/overloaded": { retryable: true, next: "Wait and call again, or call another provider." },
  "executor/deadline": { retryable: true, next: "Give the call more time, or call another provider." },
  "executor/crashed": { retryable: true, next: "Call another provider." },
  "executor/out-of-memory": { retryable: true, next: "Call another provider, or allow fewer memory pages." },
  "executor/host-failure": { retryable: true, next: "Call another provider." },
  "executor/no-engine": { retryable: false, next: "Run pnpm build:wasmtime, or use the V8 engine." },
  "executor/no-streaming": { retryable: false, next: "Run the call on V8, or send its input whole." },
  "executor/stream-failed": {
    retryable: true,
    next: "Find out why the other end of the stream failed, then call again.",
  },
  "executor/cancelled": { retryable: true, next: "Nothing: the caller took the call back." },
  "executor/no-sandbox": { retryable: false, next: "Install bubblewrap, and allow user namespaces to this user." },
  "executor/closed": { retryable: true, next: "Call another provider." },
} as const satisfies RoomErrors<"executor">;
