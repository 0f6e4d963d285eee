import type { DemecError } from "@demec/protocol/errors";
import type { ExecutionRequest } from "@demec/protocol/execution";
import type { ModuleInfo } from "../engine.ts";
import type { ChildAnswer } from "./child.ts";
import type { StreamPump } from "./streamPump.ts";

/** A module as published, known to the executor. */
export interface KnownModule {
  readonly id: number;
  readonly bytes: Uint8Array;
  info: ModuleInfo | undefined;
  /** What metering and compiling it took. */
  loadMs: number;
  /** Running mean of its invocations' duration; undefined until the first. */
  meanMs: number | undefined;
  /** Trust that its calls are short: one more for every one that is, half for every one that is not. */
  shortRuns: number;
  /** No longer in the cache: children forget it after its last call. */
  isEvicted: boolean;
}

export interface Work {
  /** Whose work it is: tenants share the machine fairly. */
  readonly tenant: string;
  readonly module: KnownModule;
  /** Undefined: load the module. */
  readonly request?: ExecutionRequest;
  /** Wall-clock backstop from now; milliseconds. */
  readonly deadlineMs: number;
  readonly signal?: AbortSignal | undefined;
  /** The call's input and output, where they are streams: it can't be run again. */
  readonly streams?: StreamPump;
}

/** What becomes of jobs; one for all of them. */
export interface JobEvents {
  answered(job: Job, answer: ChildAnswer): void;
  failed(job: Job, error: DemecError): void;
  /** Its time is over. */
  expired(job: Job): void;
  cancelled(job: Job): void;
}

/** The two ends of the promise of whoever submitted a job. */
export interface Settling {
  readonly resolve: (answer: ChildAnswer) => void;
  readonly reject: (error: DemecError) => void;
}

/** What the first call of a module is taken to cost until it is known, and compiling. */
export const UNKNOWN_MS = 5;

/** How many short calls a child may have at hand: it then finds the next one without waiting for the parent. */
const PIPELINE_DEPTH = 32;
/** A module is not trusted with a pipeline before that many short calls. */
const TRUSTED_RUNS = 4;
const SHORT_MS = 1;

/** Learns from a run of a module. */
export function learn(module: KnownModule, ms: number): void {
  module.meanMs = module.meanMs === undefined ? ms : module.meanMs * 0.9 + ms * 0.1;
  module.shortRuns = ms < SHORT_MS ? Math.min(PIPELINE_DEPTH, module.shortRuns + 1) : module.shortRuns >> 1;
}

/** One piece of work for a child, from the moment it is asked for until it is settled. */
export class Job {
  readonly tenant: string;
  readonly module: KnownModule;
  readonly request: ExecutionRequest | undefined;
  readonly deadlineMs: number;
  /** By `performance.now()`. */
  readonly deadlineAt: number;
  readonly streams: StreamPump | undefined;
  /** Times it was in a child that crashed, though not as what certainly ran there. */
  crashes = 0;
  /** What its tenant was charged for it so far; milliseconds. */
  chargedMs = 0;
  isSettled = false;
  /** Where it stands in `OpenJobs`. */
  place = 0;
  readonly promise: Settling;
  private readonly events: JobEvents;
  private onAbort: (() => void) | undefined;
  private readonly signal: AbortSignal | undefined;

  constructor(work: Work, events: JobEvents, promise: Settling) {
    this.promise = promise;
    this.tenant = work.tenant;
    this.module = work.module;
    this.request = work.request;
    this.events = events;
    this.signal = work.signal;
    this.streams = work.streams;
    this.deadlineMs = work.deadlineMs;
    const timerMs = Math.min(work.deadlineMs, 0x7fff_ffff);
    this.deadlineAt = performance.now() + timerMs;
    if (work.signal === undefined) return;
    this.onAbort = () => events.cancelled(this);
    work.signal.addEventListener("abort", this.onAbort, { once: true });
  }

  /** What a child will likely need for it. */
  get estimateMs(): number {
    return this.request === undefined ? UNKNOWN_MS : (this.module.meanMs ?? UNKNOWN_MS);
  }

  /**
   * How many jobs a child may have with this one. Long calls are given to a child one at a time, so that nobody waits behind
   * them, and so are those that were in a child that crashed: whose fault it was shows when one runs alone.
   */
  get depth(): number {
    const { shortRuns } = this.module;
    const isTrusted = shortRuns >= TRUSTED_RUNS && this.crashes === 0;
    return this.request !== undefined && this.streams === undefined && isTrusted ? shortRuns : 1;
  }

  succeed(answer: ChildAnswer): void {
    if (this.settle()) this.events.answered(this, answer);
  }

  fail(error: DemecError): void {
    if (this.settle()) this.events.failed(this, error);
  }

  expire(): void {
    this.events.expired(this);
  }

  private settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    if (this.onAbort !== undefined) this.signal?.removeEventListener("abort", this.onAbort);
    return true;
  }
}
