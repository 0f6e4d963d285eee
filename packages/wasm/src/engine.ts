import type { ExecutionOutcome, ExecutionRequest, Shape } from "@demec/protocol";
import type { CallStreams } from "./wasi/streams.ts";

/** What can be said about a module without running it. */
export interface ModuleInfo {
  /** `reactor` when it exports `memory`, `alloc` and `handle`, else `command` (`memory` and `_start`). */
  readonly shape: Shape;
  /** Pages of 64 KiB it starts with: the least `limits.memoryPages` it runs under. */
  readonly initialPages: number;
  /** Pages it declares as its own maximum; undefined: none. */
  readonly declaredMaximumPages: number | undefined;
  /** A reactor that exports `_initialize` without parameters and results: it runs before `alloc`. */
  readonly hasInitialiser: boolean;
  /** Integer work of every instantiation: zeroed pages, data and element segments. */
  readonly instantiationBitOps: bigint;
}

/** A module that was metered and compiled once and is instantiated afresh for every invocation. */
export interface CompiledModule {
  readonly info: ModuleInfo;
  /**
   * Runs one invocation to its deterministic end.
   * @param deadlineMs wall-clock backstop, uint32; 0 or none: none. V8 can't stop itself and leaves it to its supervisor
   * @throws wasm/wrong-shape when `request.shape` is not the module's
   * @throws wasm/memory-limit when `limits.memoryPages` is less than the module starts with
   * @throws executor/host-failure on an end that is the host's, not the program's (no receipt, no charge)
   * @throws executor/deadline when the backstop struck
   */
  run(request: ExecutionRequest, deadlineMs?: number): ExecutionOutcome;
  /**
   * Runs one invocation of a command whose input and output are streams: `request.input` and the outcome's `output` are empty.
   * What it writes to stdout is passed on whatever its end. Engines without it do not stream.
   */
  runStreamed?(request: ExecutionRequest, deadlineMs: number, streams: CallStreams): ExecutionOutcome;
}

/** What executes metered WebAssembly. Every engine gives the same outcome for the same module and request. */
export interface Engine {
  readonly name: string;
  /**
   * Meters and compiles a module as published.
   * @throws wasm/… as {@link meter} does
   */
  compile(module: Uint8Array): Promise<CompiledModule>;
}
