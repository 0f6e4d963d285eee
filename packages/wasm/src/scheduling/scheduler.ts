import { DemecError } from "@demec/protocol/errors";
import type { ChildAnswer, ExitReason } from "./child.ts";
import type { ChildPool } from "./childPool.ts";
import { Job, type JobEvents, type Work } from "./job.ts";
import { Lane } from "./lane.ts";
import { OpenJobs } from "./openJobs.ts";
import { TenantQueue } from "./tenantQueue.ts";

export interface SchedulerOptions {
  readonly lanes: number;
  readonly queueLimit: number;
  readonly tenantQueueLimit: number;
  readonly maxRssBytes: number;
}

const WATCH_MS = 25;
/** A call that was behind a crash, but did not cause it, is run again until it has been behind this many. */
const MAX_CRASHES = 3;
/** An additional lane is given up when it has been without work for so long. */
const IDLE_MS = 1_000;
const MAX_RESTART_DELAY_MS = 10_000;

/** Shares lanes among tenants, and replaces the children that strangers' code ends. */
export class Scheduler {
  readonly lanes: Lane[] = [];
  completed = 0;
  faults = 0;
  restarts = 0;
  private readonly options: SchedulerOptions;
  private readonly pool: ChildPool;
  private readonly queue = new TenantQueue<Job>();
  private readonly open = new OpenJobs();
  private readonly watch: ReturnType<typeof setInterval>;
  private failedStarts = 0;
  private isClosed = false;

  constructor(pool: ChildPool, options: SchedulerOptions) {
    this.pool = pool;
    this.options = options;
    for (let i = 0; i < options.lanes; i++) this.addLane();
    this.watch = setInterval(() => this.inspect(), WATCH_MS);
    this.watch.unref?.();
  }

  get queued(): number {
    return this.queue.length;
  }

  /**
   * Has a child do something in its turn.
   * @param read makes the result of the child's answer
   * @throws executor/overloaded executor/closed executor/cancelled executor/deadline executor/crashed
   *   executor/out-of-memory, and what the child answers
   */
  submit<T>(work: Work, read: (answer: ChildAnswer) => T): Promise<T> {
    const { tenant, signal } = work;
    if (this.isClosed) return Promise.reject(new DemecError("executor/closed", "The executor is closed."));
    if (signal?.aborted) return Promise.reject(cancelled());
    const overload = this.overload(tenant);
    if (overload !== undefined) return Promise.reject(overload);
    return new Promise((resolve, reject) => {
      const job = new Job(work, this.jobEvents, { resolve: (answer) => resolve(read(answer)), reject });
      this.open.add(job);
      const lane = this.queue.length === 0 ? this.laneFor(job) : undefined;
      if (lane === undefined) {
        this.queue.push(tenant, job);
        this.pump();
        return;
      }
      this.queue.pass(tenant, job.estimateMs);
      this.giveTo(lane, job);
    });
  }

  private readonly jobEvents: JobEvents = {
    answered: (job, answer) => {
      this.open.delete(job);
      if (answer.type === "refused") {
        if (answer.error.code.startsWith("executor/")) this.faults++;
        job.promise.reject(answer.error);
        return;
      }
      this.completed++;
      job.promise.resolve(answer);
    },
    failed: (job, error) => {
      this.open.delete(job);
      this.queue.delete(job.tenant, job);
      if (error.code !== "executor/cancelled") this.faults++;
      job.promise.reject(error);
    },
    expired: (job) => {
      job.fail(new DemecError("executor/deadline", `The call did not end within ${job.deadlineMs} ms.`));
      for (const lane of this.lanes) lane.expire(job);
    },
    cancelled: (job) => {
      job.fail(cancelled());
      for (const lane of this.lanes) lane.cancel(job);
    },
  };

  /** A full queue still takes one call of a tenant that has none in it, up to twice its length. */
  private overload(tenant: string): DemecError | undefined {
    const { queueLimit, tenantQueueLimit } = this.options;
    const queued = this.queue.length;
    const waiting = this.queue.lengthOf(tenant);
    const limit = waiting === 0 ? 2 * queueLimit : queueLimit;
    if (queued < limit && waiting < tenantQueueLimit) return undefined;
    const what = `${queued} calls are waiting, ${waiting} of this tenant.`;
    return new DemecError("executor/overloaded", what, { details: { queued, waiting, queueLimit, tenantQueueLimit } });
  }

  /** Makes every child forget a module. */
  drop(moduleId: number): void {
    for (const lane of this.lanes) lane.drop(moduleId);
  }

  /** Gives waiting calls to lanes that can take them. */
  private readonly pump = (): void => {
    for (;;) {
      const job = this.queue.peek();
      if (job === undefined) return;
      const best = this.laneFor(job);
      if (best === undefined) return;
      this.queue.shift(job.estimateMs);
      this.giveTo(best, job);
    }
  };

  private giveTo(lane: Lane, job: Job): void {
    job.chargedMs = job.estimateMs;
    lane.give(job);
  }

  /**
   * A lane that has little at hand, or else the one with least. The additional ones are for tenants that have nothing running,
   * once their child has started: another lane may be free before that.
   */
  private laneFor(job: Job): Lane | undefined {
    let best: Lane | undefined;
    for (let i = 0; i < this.lanes.length; i++) {
      const lane = this.lanes[i]!;
      if (!lane.canTake(job)) continue;
      const isAdditional = i >= this.options.lanes;
      if (isAdditional && !lane.child.isReady) continue;
      if (isAdditional && this.lanes.some((other) => other !== lane && other.isRunning(job.tenant))) continue;
      if (lane.isWorthJoining(job)) return lane;
      if (best === undefined || lane.inFlight < best.inFlight) best = lane;
    }
    return best;
  }

  private readonly onUse = (job: Job, ms: number): void => {
    this.queue.charge(job.tenant, ms - job.chargedMs);
    job.chargedMs = ms;
  };

  private addLane(): void {
    this.lanes.push(new Lane(this.pool.next(), { onCapacity: this.pump, onUse: this.onUse, onExit: this.onExit }));
  }

  private readonly onExit = (lane: Lane, reason: ExitReason, culprit: Job | undefined, others: Job[]): void => {
    if (this.isClosed || !this.lanes.includes(lane)) return;
    culprit?.fail(faultOf(reason));
    if (lane.child.isReady) this.failedStarts = 0;
    else this.failedStarts++;
    // A child that can't even start is tried again ever more slowly.
    const delayMs = Math.min(MAX_RESTART_DELAY_MS, 50 * (2 ** this.failedStarts - 1));
    if (delayMs === 0) this.replace(lane);
    else setTimeout(() => this.replace(lane), delayMs).unref?.();
    for (const job of others) job.crashes++;
    this.putBack(others);
  };

  private replace(lane: Lane): void {
    if (this.isClosed) return;
    this.restarts++;
    lane.adopt(this.pool.next());
    this.pump();
  }

  private putBack(jobs: Job[]): void {
    for (const job of jobs) {
      if (job.isSettled) continue;
      this.onUse(job, 0);
      if (job.crashes < MAX_CRASHES) this.queue.unshift(job.tenant, job);
      else job.fail(new DemecError("executor/crashed", `The call was behind ${job.crashes} crashes.`));
    }
    this.pump();
  }

  private inspect(): void {
    const { lanes, options } = this;
    const isFull = lanes.length >= 2 * options.lanes;
    for (const lane of [...lanes]) {
      if (lane.inFlight === 0) {
        if (lanes.length > options.lanes && lane.child.isReady && lane.sinceMs > IDLE_MS) this.retire(lane);
        continue;
      }
      if (lane.child.rssBytes() > options.maxRssBytes) {
        lane.child.kill("out-of-memory");
        continue;
      }
      if (!lane.isStalled) continue;
      lane.child.nudge();
      lane.use();
      const isHelped = lanes.some((other) => other.inFlight === 0) || (!isFull && lane.keepsOthersWaiting);
      if (isHelped) this.putBack(lane.takeBack());
    }
    if (!isFull) this.relieve();
  }

  /** When long calls fill every lane, a tenant that has nothing running gets one more: the system shares the processors. */
  private relieve(): void {
    const tenant = this.queue.peek()?.tenant;
    if (tenant === undefined) return;
    if (this.lanes.some((lane) => lane.isRunning(tenant) || !lane.isStalled)) return;
    this.addLane();
    this.pump();
  }

  private retire(lane: Lane): void {
    this.lanes.splice(this.lanes.indexOf(lane), 1);
    lane.child.kill("closed");
  }

  /** Ends the children; calls still open fail with executor/closed. */
  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    clearInterval(this.watch);
    this.open.stop();
    for (const job of this.open.all()) job.fail(new DemecError("executor/closed", "The executor was closed."));
    await this.pool.close(this.lanes.map((lane) => lane.child));
  }
}

function cancelled(): DemecError {
  return new DemecError("executor/cancelled", "The caller cancelled the call.");
}

function faultOf(reason: ExitReason): DemecError {
  switch (reason) {
    case "deadline":
      return new DemecError("executor/deadline", "The call did not end within its time.");
    case "out-of-memory":
      return new DemecError("executor/out-of-memory", "The call used more memory than this executor allows.");
    default:
      return new DemecError("executor/crashed", "What ran the call died.");
  }
}
