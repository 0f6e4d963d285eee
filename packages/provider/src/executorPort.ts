import type { ExecutionOutcome, ExecutionRequest, Shape } from "@demec/protocol";

/** What the provider needs of whatever runs modules; `Executor` of `@demec/wasm/node` is one. */
export interface ExecutorPort {
  /** Checks the bytes against their hash, meters and compiles them. */
  load(moduleHash: Uint8Array, bytes: Uint8Array): Promise<{ readonly shape: Shape }>;
  /** Deterministic end of one invocation; throws for any other. */
  run(call: {
    readonly moduleHash: Uint8Array;
    readonly request: ExecutionRequest;
    readonly deadlineMs: number;
    /** Whose call it is: queues are fair among tenants. */
    readonly tenant: string;
  }): Promise<ExecutionOutcome & { readonly durationMs: number }>;
}
