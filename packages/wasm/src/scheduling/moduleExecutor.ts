import { DemecError } from "@demec/protocol/errors";
import type { ExecutionOutcome, ExecutionRequest, Shape } from "@demec/protocol/execution";
import { sha256 } from "@demec/protocol/sha256";
import { bytesToHex } from "@noble/ciphers/utils.js";
import { LRUCache } from "lru-cache";
import type { ModuleInfo } from "../engine.ts";
import { assertRunnable } from "../runnable.ts";
import type { Child, ChildAnswer } from "./child.ts";
import { ChildPool } from "./childPool.ts";
import type { KnownModule } from "./job.ts";
import { assertRequest } from "./request.ts";
import { Scheduler } from "./scheduler.ts";
import { type OutputHandler, StreamPump } from "./streamPump.ts";

export interface SchedulingOptions {
  /**
   * Children that run invocations, one at a time each; one per core by default. Up to as many again are started while long
   * calls of some tenants would keep others waiting.
   */
  readonly lanes?: number;
  /**
   * Calls waiting at most, beyond which `run` fails with executor/overloaded; 4096 by default. Tenants that have none waiting
   * get one in all the same, up to twice as many.
   */
  readonly queueLimit?: number;
  /** Calls of one tenant waiting at most; 1024 by default. */
  readonly tenantQueueLimit?: number;
  /** Bytes of published modules kept; 256 MiB by default. */
  readonly moduleCacheBytes?: number;
  /** Time a module may take to be metered and compiled; 10 seconds by default. */
  readonly loadDeadlineMs?: number;
}

/** How children are made, and what they may have. */
export interface Children {
  /** Where `lanes` is left out. */
  readonly cores: number;
  readonly start: () => Child;
  /** Resident memory of one child, in bytes, above which it is killed. */
  readonly maxRssBytes: number;
}

export interface RunCall {
  /** SHA-256 of the module as published, 32 bytes; it was given to `load` before. */
  readonly moduleHash: Uint8Array;
  readonly request: ExecutionRequest;
  /** Wall-clock backstop from now, in milliseconds; uint32. */
  readonly deadlineMs: number;
  /** Whose call it is: tenants are served in turn. */
  readonly tenant: string;
  /** Takes the call back: one that waits never runs, one that runs is ended. It then fails with executor/cancelled. */
  readonly signal?: AbortSignal;
}

export interface StreamedCall extends Omit<RunCall, "request"> {
  /** Of a command; `input` is empty. */
  readonly request: ExecutionRequest;
  /** Read as far as the program reads, or a little further; stopped by `return` when the program ends before. */
  readonly input: AsyncIterable<Uint8Array>;
  /** Gets stdout as it is written; a promise holds the program back. */
  readonly onOutput: OutputHandler;
}

/** Outcome of a streamed call; what it wrote to stdout went to `onOutput`, whatever the status. */
export interface StreamedOutcome extends TimedOutcome {
  /** Digest of a StreamHash over all input that was taken from its source. */
  readonly inputHash: Uint8Array;
  readonly inputBytes: number;
  /** The same over stdout. */
  readonly stdoutHash: Uint8Array;
  readonly stdoutBytes: number;
}

/** An outcome with its time in the engine, in milliseconds with fractions. */
export type TimedOutcome = ExecutionOutcome & { readonly durationMs: number };

export interface SchedulingStatus {
  readonly queued: number;
  readonly modules: number;
  readonly completed: number;
  /** Calls that ended as faults: no receipt, no charge. */
  readonly faults: number;
  /** Children that were replaced. */
  readonly restarts: number;
}

/** Runs strangers' modules in children, whatever these are, and survives them: what all executors have in common. */
export abstract class ModuleExecutor {
  private readonly loadDeadlineMs: number;
  private readonly modules: LRUCache<string, KnownModule>;
  private readonly loading = new Map<string, Promise<ModuleInfo>>();
  private readonly pool: ChildPool;
  private readonly scheduler: Scheduler;
  private last: { readonly hash: Uint8Array; readonly module: KnownModule } | undefined;
  private nextModuleId = 1;

  protected constructor(options: SchedulingOptions, { cores, start, maxRssBytes }: Children) {
    const { lanes = cores, queueLimit = 4096, tenantQueueLimit = 1024, moduleCacheBytes = 2 ** 28 } = options;
    this.loadDeadlineMs = options.loadDeadlineMs ?? 10_000;
    this.modules = new LRUCache({
      maxSize: moduleCacheBytes,
      sizeCalculation: (module) => module.bytes.length + 1,
      dispose: (module) => this.forget(module),
    });
    this.pool = new ChildPool(start, () => this.modules.values());
    this.scheduler = new Scheduler(this.pool, { lanes, queueLimit, tenantQueueLimit, maxRssBytes });
  }

  /**
   * Checks, meters and compiles a module; at once when it is known already.
   * @param tenant whose time it takes; the executor's own by default
   * @throws wasm/hash-mismatch when `bytes` do not hash to `moduleHash`, before anything else is done with them
   * @throws wasm/… as `meter` does; executor/… when the child did not survive it
   */
  async load(
    moduleHash: Uint8Array,
    bytes: Uint8Array,
    tenant = "",
  ): Promise<{ readonly shape: Shape; readonly info: ModuleInfo }> {
    const key = bytesToHex(moduleHash);
    const actual = bytesToHex(sha256(bytes));
    if (actual !== key) {
      throw new DemecError("wasm/hash-mismatch", `The module hashes to ${actual}, not to ${key}.`, {
        details: { expected: key, actual },
      });
    }
    let info = this.modules.get(key)?.info ?? this.loading.get(key);
    if (info === undefined) {
      info = this.compile(key, bytes, tenant).finally(() => this.loading.delete(key));
      this.loading.set(key, info);
    }
    const settled = await info;
    return { shape: settled.shape, info: settled };
  }

  /** True when `run` needs no `load` first. */
  has(moduleHash: Uint8Array): boolean {
    const { last } = this;
    if (last !== undefined && !last.module.isEvicted && isEqual(last.hash, moduleHash)) return true;
    return this.modules.has(bytesToHex(moduleHash));
  }

  private async compile(key: string, bytes: Uint8Array, tenant: string): Promise<ModuleInfo> {
    const id = this.nextModuleId++;
    const module: KnownModule = {
      id,
      bytes: Uint8Array.from(bytes),
      info: undefined,
      loadMs: 0,
      meanMs: undefined,
      shortRuns: 0,
      isEvicted: false,
    };
    const work = { tenant, module, deadlineMs: this.loadDeadlineMs };
    const info = await this.scheduler.submit(work, (answer) => {
      if (answer.type !== "loaded") throw new Error("unreachable: a load is answered by loaded");
      return answer.info;
    });
    module.info = info;
    this.modules.set(key, module);
    // Too large for the whole cache: it runs nowhere.
    if (!this.modules.has(key)) this.forget(module);
    else this.pool.warm(module);
    return info;
  }

  /**
   * Runs one invocation. An outcome is deterministic; an error of room `executor` is a fault: no receipt, no charge.
   * @throws protocol/out-of-range when a field of the request does not fit its width
   * @throws wasm/wrong-shape wasm/memory-limit as every engine does
   * @throws executor/unknown-module executor/overloaded executor/deadline executor/crashed executor/out-of-memory
   *   executor/host-failure executor/cancelled executor/closed
   */
  run(call: RunCall): Promise<TimedOutcome> {
    let module: KnownModule;
    try {
      module = this.moduleOf(call);
    } catch (error) {
      return Promise.reject(error);
    }
    const { request, deadlineMs, tenant, signal } = call;
    return this.scheduler.submit({ tenant, module, request, deadlineMs, signal }, outcomeOf);
  }

  /**
   * Runs a command whose input and output are streams. Neither is ever whole in memory here or in the child: about 1 MiB of
   * each is under way. A fault ends the call wherever it is: what was streamed can't be run again.
   * @throws what {@link run} throws; executor/stream-failed when `input` or `onOutput` fails; executor/no-streaming
   */
  async runStreamed(call: StreamedCall): Promise<StreamedOutcome> {
    const module = this.moduleOf(call);
    if (call.request.shape !== "command") {
      throw new DemecError("wasm/wrong-shape", "Only commands stream, the call asks for a reactor.");
    }
    const { request, deadlineMs, tenant } = call;
    const failure = new AbortController();
    let error: DemecError | undefined;
    const streams = new StreamPump(call.input, call.onOutput, (failed) => {
      error = failed;
      failure.abort();
    });
    const signal = call.signal === undefined ? failure.signal : AbortSignal.any([call.signal, failure.signal]);
    try {
      const work = { tenant, module, request, deadlineMs, signal, streams };
      const outcome = await this.scheduler.submit(work, outcomeOf);
      await streams.finish();
      if (error !== undefined) throw error;
      const { input, output } = streams;
      const hashes = { inputHash: input.digest(), stdoutHash: output.digest() };
      return { ...outcome, ...hashes, inputBytes: input.length, stdoutBytes: output.length };
    } catch (cause) {
      streams.stop();
      throw error ?? cause;
    }
  }

  /** @throws executor/unknown-module protocol/out-of-range wasm/wrong-shape wasm/memory-limit */
  private moduleOf(call: Pick<RunCall, "moduleHash" | "request" | "deadlineMs">): KnownModule {
    const module = this.knownModule(call.moduleHash);
    assertRequest(call);
    assertRunnable(module.info!, call.request);
    return module;
  }

  /** @throws executor/unknown-module */
  private knownModule(hash: Uint8Array): KnownModule {
    const { last } = this;
    // Calls of one module come in runs, and the one used last need not become the one used last.
    if (last !== undefined && !last.module.isEvicted && isEqual(last.hash, hash)) return last.module;
    const key = bytesToHex(hash);
    const module = this.modules.get(key);
    if (module === undefined) throw new DemecError("executor/unknown-module", `No module ${key} is loaded.`);
    this.last = { hash: Uint8Array.from(hash), module };
    return module;
  }

  private forget(module: KnownModule): void {
    module.isEvicted = true;
    this.scheduler.drop(module.id);
    this.pool.drop(module.id);
  }

  protected schedulingStatus(): SchedulingStatus {
    const { queued, completed, faults, restarts } = this.scheduler;
    return { queued, modules: this.modules.size, completed, faults, restarts };
  }

  protected lanes(): Scheduler["lanes"] {
    return this.scheduler.lanes;
  }

  /** Ends the children; calls still open fail with executor/closed. */
  close(): Promise<void> {
    return this.scheduler.close();
  }
}

function outcomeOf(answer: ChildAnswer): TimedOutcome {
  if (answer.type !== "outcome") throw new Error("unreachable: a run is answered by an outcome");
  return answer.outcome;
}

function isEqual(one: Uint8Array, other: Uint8Array): boolean {
  for (let i = 0; i < 32; i++) if (one[i] !== other[i]) return false;
  return true;
}
