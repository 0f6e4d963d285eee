import type { Connection } from "@demec/network/portable";
import type { ContentReference, ExecutionOutcome, ExecutionRequest, Shape } from "@demec/protocol";

export interface PortCall {
  /** SHA-256 of the module as published, 32 bytes. */
  readonly moduleHash: Uint8Array;
  readonly request: ExecutionRequest;
  /** Wall-clock backstop; milliseconds. */
  readonly deadlineMs: number;
  /** Whose call it is: queues are fair among tenants. */
  readonly tenant: string;
}

/** What the provider needs of whatever runs modules; `Executor` of `@demec/wasm/node` is one. */
export interface ExecutorPort {
  /** Whether `run` needs no `load` first; modules that were not used for long are forgotten. */
  has(moduleHash: Uint8Array): boolean;
  /** Checks the bytes against their hash, meters and compiles them. */
  load(moduleHash: Uint8Array, bytes: Uint8Array, tenant?: string): Promise<{ readonly shape: Shape }>;
  /** Deterministic end of one invocation; throws for any other. */
  run(call: PortCall): Promise<ExecutionOutcome & { readonly durationMs: number }>;
  /** Runs a command whose input and output are streams; what cannot is left without it. */
  runStreamed?(call: StreamedPortCall): Promise<StreamedPortOutcome>;
}

/** What a command's input and output are, beside its request. */
export interface CallStreams {
  readonly input: AsyncIterable<Uint8Array>;
  /** Gets stdout as it is written; the promise holds the program back. */
  readonly onOutput: (bytes: Uint8Array) => Promise<void>;
}

export interface StreamedPortCall extends PortCall, CallStreams {}

export interface StreamedPortOutcome extends ExecutionOutcome {
  readonly durationMs: number;
  readonly inputHash: Uint8Array;
  /** Of the input, what was offered to the program. */
  readonly inputBytes: number;
  readonly stdoutHash: Uint8Array;
  readonly stdoutBytes: number;
}

/** A call that may need something by content first. */
export interface Call extends PortCall {
  /** There when something of the call travels by content. */
  readonly way?:
    | {
        /** The buyer's connection while there is one: what it named is fetched from there first. */
        readonly connections: () => readonly Connection[];
        /** Nothing is missing any more: the deadline runs from now. */
        readonly onFetched: () => void;
      }
    | undefined;
}

/** A streamed one, of which only the module may travel by content. */
export interface StreamedCall extends Call, CallStreams {}

export type CallOutcome = ExecutionOutcome & {
  readonly durationMs: number;
  /** An output that waits to be fetched, and what to do when it was. */
  readonly waiting?: { readonly content: ContentReference; readonly release: () => void } | undefined;
};

/** Runs calls, whichever way their parts travel. */
export interface CallPort {
  run(call: Call): Promise<CallOutcome>;
  /** The same for a command whose input and output are streams; what cannot is left without it. */
  runStreamed?(call: StreamedCall): Promise<StreamedPortOutcome>;
}
