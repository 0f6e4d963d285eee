import { availableParallelism } from "node:os";
import { DemecError } from "@demec/protocol/errors";
import type { ExecutionOutcome, ExecutionRequest, Shape } from "@demec/protocol/execution";
import { sha256 } from "@demec/protocol/sha256";
import { LRUCache } from "lru-cache";
import type { ModuleInfo } from "../engine.ts";
import { assertRunnable } from "../runnable.ts";
import { ChildPool } from "./childPool.ts";
import type { ExitReason } from "./childProcess.ts";
import type { EngineModule } from "./engineModule.ts";
import type { ChildAnswer } from "./ipc.ts";
import { Job, type KnownModule } from "./job.ts";
import { Lane } from "./lane.ts";
import type { Launcher } from "./launcher.ts";
import { assertRequest } from "./request.ts";
import { bestLauncher } from "./sandbox.ts";
import { TenantQueue } from "./tenantQueue.ts";

export interface ExecutorOptions {
  /** Child processes that run invocations, one at a time each; one per core by default. */
  readonly lanes?: number;
  /** Calls waiting at most, beyond which `run` fails with executor/overloaded; 4096 by default. */
  readonly queueLimit?: number;
  /** Calls of one tenant waiting at most; 1024 by default. */
  readonly tenantQueueLimit?: number;
  /** Resident memory of one child, in bytes, above which it is killed; 2 GiB by default. Kept by a control group where
   * one can be made, and watched everywhere. */
  readonly maxRssBytes?: number;
  /** Bytes of published modules kept; 256 MiB by default. */
  readonly moduleCacheBytes?: number;
  /** Time a module may take to be metered and compiled; 10 seconds by default. */
  readonly loadDeadlineMs?: number;
  /** What runs the modules; V8 by default. */
  readonly engine?: EngineModule | undefined;
  /** What the machine puts around a child; the strongest sandbox that works here by default. */
  readonly launcher?: Launcher;
}

export interface RunCall {
  /** SHA-256 of the module as published, 32 bytes; it was given to `load` before. */
  readonly moduleHash: Uint8Array;
  readonly request: ExecutionRequest;
  /** Wall-clock backstop from now, in milliseconds; uint32. */
  readonly deadlineMs: number;
  /** Whose call it is: tenants are served in turn. */
  readonly tenant: string;
}

/** An outcome with its time in the engine, in milliseconds with fractions. */
export type TimedOutcome = ExecutionOutcome & { readonly durationMs: number };

export interface ExecutorStatus {
  readonly engine: string;
  /** What the machine puts around a child: `bubblewrap`, or `none: ` and the reason. */
  readonly sandbox: string;
  /** What keeps a child's memory within its limit: `cgroup v1`, `cgroup v2` or `watched`. */
  readonly memoryLimit: string;
  readonly lanes: readonly { readonly pid: number | undefined; readonly rssBytes: number; readonly inFlight: number }[];
  readonly queued: number;
  readonly modules: number;
  readonly completed: number;
  /** Calls that ended as faults: no receipt, no charge. */
  readonly faults: number;
  /** Children that were replaced. */
  readonly restarts: number;
}

const WATCH_MS = 25;
/** A call that runs longer lets those behind it go to another child. */
const STALL_MS = 50;
/** A call that was near a crash, but not at its head, is given to a child this often in all. */
const MAX_ATTEMPTS = 3;

/** Runs strangers' modules in child processes that hold no keys, under a supervisor that survives them. */
export class Executor {
  private readonly options: Required<Omit<ExecutorOptions, "engine">>;
  private readonly engineName: string;
  private readonly modules: LRUCache<string, KnownModule>;
  private readonly loading = new Map<string, Promise<ModuleInfo>>();
  private readonly queue = new TenantQueue<Job>();
  private readonly open = new Set<Job>();
  private readonly pool: ChildPool;
  private readonly lanes: Lane[] = [];
  private readonly watch: NodeJS.Timeout;
  private nextModuleId = 1;
  private completed = 0;
  private faults = 0;
  private failedStarts = 0;
  private isClosed = false;

  constructor(options: ExecutorOptions = {}) {
    this.options = {
      lanes: options.lanes ?? availableParallelism(),
      queueLimit: options.queueLimit ?? 4096,
      tenantQueueLimit: options.tenantQueueLimit ?? 1024,
      maxRssBytes: options.maxRssBytes ?? 2 ** 31,
      moduleCacheBytes: options.moduleCacheBytes ?? 2 ** 28,
      loadDeadlineMs: options.loadDeadlineMs ?? 10_000,
      launcher: options.launcher ?? bestLauncher(),
    };
    this.modules = new LRUCache({
      maxSize: this.options.moduleCacheBytes,
      sizeCalculation: (module) => module.bytes.length + 1,
      dispose: (module) => this.forget(module),
    });
    this.engineName = options.engine?.name ?? "v8";
    this.pool = new ChildPool(this.options.launcher, options.engine, this.options.maxRssBytes);
    for (let i = 0; i < this.options.lanes; i++) {
      this.lanes.push(new Lane(this.pool.take(), { onCapacity: () => this.pump(), onExit: this.onExit }));
    }
    this.watch = setInterval(() => this.inspectLanes(), WATCH_MS);
    this.watch.unref();
  }

  /**
   * Checks, meters and compiles a module; at once when it is known already.
   * @throws wasm/hash-mismatch when `bytes` do not hash to `moduleHash`, before anything else is done with them
   * @throws wasm/… as `meter` does; executor/… when the child did not survive it
   */
  async load(moduleHash: Uint8Array, bytes: Uint8Array): Promise<{ shape: Shape; info: ModuleInfo }> {
    const key = keyOf(moduleHash);
    const actual = keyOf(sha256(bytes));
    if (actual !== key) {
      throw new DemecError("wasm/hash-mismatch", `The module hashes to ${actual}, not to ${key}.`, {
        details: { expected: key, actual },
      });
    }
    let info = this.modules.get(key)?.info ?? this.loading.get(key);
    if (info === undefined) {
      info = this.compile(key, bytes).finally(() => this.loading.delete(key));
      this.loading.set(key, info);
    }
    const settled = await info;
    return { shape: settled.shape, info: settled };
  }

  /** True when `run` needs no `load` first. */
  has(moduleHash: Uint8Array): boolean {
    return this.modules.has(keyOf(moduleHash));
  }

  private async compile(key: string, bytes: Uint8Array): Promise<ModuleInfo> {
    const id = this.nextModuleId++;
    const meanMs = Number.POSITIVE_INFINITY;
    const module: KnownModule = { id, bytes: bytes.slice(), info: undefined, meanMs, isEvicted: false };
    const answer = await this.submit({ tenant: "", module, deadlineMs: this.options.loadDeadlineMs });
    if (answer.type !== "loaded") throw new Error("unreachable: a load is answered by loaded");
    module.info = answer.info;
    this.pool.refill();
    this.modules.set(key, module);
    // Too large for the whole cache: it runs nowhere.
    if (!this.modules.has(key)) this.forget(module);
    return answer.info;
  }

  /**
   * Runs one invocation. An outcome is deterministic; an error of room `executor` is a fault: no receipt, no charge.
   * @throws protocol/out-of-range when a field of the request does not fit its width
   * @throws wasm/wrong-shape wasm/memory-limit as every engine does
   * @throws executor/unknown-module executor/overloaded executor/deadline executor/crashed executor/out-of-memory
   *   executor/host-failure executor/closed
   */
  async run(call: RunCall): Promise<TimedOutcome> {
    const key = keyOf(call.moduleHash);
    const module = this.modules.get(key);
    if (module === undefined) throw new DemecError("executor/unknown-module", `No module ${key} is loaded.`);
    assertRequest(call);
    assertRunnable(module.info!, call.request);
    const { request, deadlineMs, tenant } = call;
    const answer = await this.submit({ tenant, module, request, deadlineMs });
    if (answer.type !== "outcome") throw new Error("unreachable: a run is answered by an outcome");
    return answer.outcome;
  }

  private submit(work: {
    tenant: string;
    module: KnownModule;
    request?: ExecutionRequest;
    deadlineMs: number;
  }): Promise<ChildAnswer> {
    const { tenant } = work;
    if (this.isClosed) return Promise.reject(new DemecError("executor/closed", "The executor is closed."));
    const waiting = this.queue.lengthOf(tenant);
    if (this.queue.length >= this.options.queueLimit || waiting >= this.options.tenantQueueLimit) {
      const what = `${this.queue.length} calls are waiting, ${waiting} of this tenant.`;
      return Promise.reject(new DemecError("executor/overloaded", what, { details: { waiting } }));
    }
    return new Promise((resolve, reject) => {
      const job = new Job(work, {
        answer: (answer) => {
          this.open.delete(job);
          if (answer.type === "refused") {
            if (answer.error.code.startsWith("executor/")) this.faults++;
            return reject(answer.error);
          }
          this.completed++;
          resolve(answer);
        },
        error: (error) => {
          this.open.delete(job);
          this.faults++;
          reject(error);
        },
        expired: () => {
          job.fail(new DemecError("executor/deadline", `The call did not end within ${work.deadlineMs} ms.`));
          for (const lane of this.lanes) lane.expire(job);
        },
      });
      this.open.add(job);
      this.queue.push(tenant, job);
      this.pump();
    });
  }

  /** Gives waiting calls to lanes that can take them. */
  private pump(): void {
    for (;;) {
      const job = this.queue.peek();
      if (job === undefined) return;
      if (!job.isSettled) {
        let best: Lane | undefined;
        for (const lane of this.lanes) {
          if (lane.canTake(job) && (best === undefined || lane.inFlight < best.inFlight)) best = lane;
        }
        if (best === undefined) return;
        best.give(job);
      }
      this.queue.shift();
    }
  }

  private readonly onExit = (lane: Lane, reason: ExitReason, culprit: Job | undefined, others: Job[]): void => {
    if (this.isClosed) return;
    culprit?.fail(faultOf(reason));
    if (lane.child.isReady) this.failedStarts = 0;
    else this.failedStarts++;
    // A child that can't even start is tried again ever more slowly.
    const delayMs = Math.min(10_000, 50 * (2 ** this.failedStarts - 1));
    if (delayMs === 0) this.replace(lane);
    else setTimeout(() => this.replace(lane), delayMs).unref();
    this.takeBack(others);
  };

  private replace(lane: Lane): void {
    if (this.isClosed) return;
    lane.adopt(this.pool.replace());
    this.pump();
  }

  private takeBack(jobs: Job[]): void {
    for (const job of jobs.reverse()) {
      if (job.attempts < MAX_ATTEMPTS) this.queue.unshift(job.tenant, job);
      else job.fail(new DemecError("executor/crashed", `The call was near ${job.attempts} crashes.`));
    }
    this.pump();
  }

  private inspectLanes(): void {
    for (const lane of this.lanes) {
      if (lane.inFlight === 0) continue;
      if (lane.child.rssBytes() > this.options.maxRssBytes) lane.child.kill("out-of-memory");
      else if (this.lanes.some((other) => other !== lane && other.inFlight === 0)) {
        this.takeBack(lane.takeBack(STALL_MS));
      }
    }
  }

  private forget(module: KnownModule): void {
    module.isEvicted = true;
    for (const lane of this.lanes) lane.drop(module.id);
  }

  status(): ExecutorStatus {
    const lanes = this.lanes.map(({ child, inFlight }) => ({
      pid: child.pid,
      rssBytes: child.rssBytes(),
      inFlight,
    }));
    const { completed, faults, queue, modules, pool } = this;
    const { name: sandbox } = this.options.launcher;
    const counts = { queued: queue.length, modules: modules.size, completed, faults, restarts: pool.restarts };
    return { engine: this.engineName, sandbox, memoryLimit: pool.memoryLimit, lanes, ...counts };
  }

  /** Ends the children; calls still open fail with executor/closed. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    clearInterval(this.watch);
    for (const job of [...this.open]) job.fail(new DemecError("executor/closed", "The executor was closed."));
    await this.pool.close(this.lanes.map((lane) => lane.child));
  }
}

function keyOf(hash: Uint8Array): string {
  return Buffer.from(hash.buffer, hash.byteOffset, hash.length).toString("hex");
}

function faultOf(reason: ExitReason): DemecError {
  switch (reason) {
    case "deadline":
      return new DemecError("executor/deadline", "The call did not end within its time.");
    case "out-of-memory":
      return new DemecError("executor/out-of-memory", "The call used more memory than this executor allows.");
    default:
      return new DemecError("executor/crashed", "The process that ran the call died.");
  }
}
