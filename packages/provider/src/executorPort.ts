import type { ExecutionOutcome, ExecutionRequest, Shape } from "@demec/protocol";

/** What the provider needs of whatever runs modules; `Executor` of `@demec/wasm/node` is one. */
export interface ExecutorPort {
  /** Checks the bytes against their hash, meters and compiles them. */
  load(moduleHash: Uint8Array, bytes: Uint8Array): Promise<{ readonly shape: Shape }>;
  /** Deterministic end of one invocation; throws for any other. */
  run(call: PortCall): Promise<ExecutionOutcome & { readonly durationMs: number }>;
  /** Runs a command whose input and output are streams; what cannot is left without it. */
  runStreamed?(call: StreamedPortCall): Promise<StreamedPortOutcome>;
}

export interface PortCall {
  readonly moduleHash: Uint8Array;
  readonly request: ExecutionRequest;
  readonly deadlineMs: number;
  /** Whose call it is: queues are fair among tenants. */
  readonly tenant: string;
}

export interface StreamedPortCall extends PortCall {
  readonly input: AsyncIterable<Uint8Array>;
  /** Gets stdout as it is written; the promise holds the program back. */
  readonly onOutput: (bytes: Uint8Array) => Promise<void>;
}

export interface StreamedPortOutcome extends ExecutionOutcome {
  readonly durationMs: number;
  readonly inputHash: Uint8Array;
  /** Of the input, what was offered to the program. */
  readonly inputBytes: number;
  readonly stdoutHash: Uint8Array;
  readonly stdoutBytes: number;
}
