import type { ExecutionOutcome, ExecutionRequest, Shape } from "@demec/protocol";

export interface ExecutorOptions {
  /** Child processes that run invocations, one at a time each; 1 by default. */
  readonly lanes?: number;
  /** Calls waiting or running at most, beyond which `run` fails with executor/overloaded; 1024 by default. */
  readonly queueLimit?: number;
  /** Resident memory of one child, in bytes, above which it is killed; 1 GiB by default. */
  readonly maxRssBytes?: number;
  /** Bytes of published modules kept; 256 MiB by default. */
  readonly moduleCacheBytes?: number;
}

export interface RunCall {
  /** SHA-256 of the module as published, 32 bytes; it was given to `load` before. */
  readonly moduleHash: Uint8Array;
  readonly request: ExecutionRequest;
  /** Wall-clock backstop from now, in milliseconds. */
  readonly deadlineMs: number;
  /** Whose call it is: queues are fair among tenants. */
  readonly tenant: string;
}

export interface ExecutorStatus {
  readonly engine: string;
  readonly lanes: readonly { readonly pid: number | undefined; readonly rssBytes: number; readonly inFlight: number }[];
  readonly queued: number;
  readonly completed: number;
  readonly faults: number;
  readonly restarts: number;
}

/** Runs strangers' modules in child processes that hold no keys, under a supervisor that survives them. */
export class Executor {
  constructor(_options: ExecutorOptions = {}) {
    throw new Error("under construction");
  }

  /**
   * Checks, meters and compiles a module.
   * @throws wasm/hash-mismatch when `bytes` do not hash to `moduleHash`, before anything else is done with them
   * @throws wasm/… as `meter` does
   */
  load(_moduleHash: Uint8Array, _bytes: Uint8Array): Promise<{ shape: Shape }> {
    throw new Error("under construction");
  }

  /**
   * Runs one invocation; an outcome is deterministic, an error of room `executor` is a fault: no receipt, no charge.
   * @throws executor/unknown-module executor/overloaded executor/deadline executor/crashed executor/out-of-memory
   *   executor/host-failure, wasm/wrong-shape, wasm/memory-limit
   */
  run(_call: RunCall): Promise<ExecutionOutcome & { readonly durationMs: number }> {
    throw new Error("under construction");
  }

  status(): ExecutorStatus {
    throw new Error("under construction");
  }

  /** Ends the children; calls still open fail with executor/closed. */
  close(): Promise<void> {
    throw new Error("under construction");
  }
}
