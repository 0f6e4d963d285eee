import type { ChildEvents, ExecutorChild, ExitReason } from "./childProcess.ts";
import { type ChildAnswer, encodeDrop, encodeLoad, encodeRun } from "./ipc.ts";
import type { Job, KnownModule } from "./job.ts";

/** How many short calls a child may have at hand: it then finds the next one without waiting for the parent. */
const PIPELINE_DEPTH = 32;
/** Time a child has to notice that a call's time is over before it begins. */
const GRACE_MS = 50;

/** What a child owes an answer for; a job that was taken back or is a mere reload has no one waiting. */
interface Owed {
  job: Job | undefined;
  readonly isLoad: boolean;
  readonly module: KnownModule;
}

export interface LaneEvents {
  /** Work can be given again. */
  onCapacity(): void;
  /** The child is gone; `culprit` was running in it, `others` had been given to it. */
  onExit(lane: Lane, reason: ExitReason, culprit: Job | undefined, others: Job[]): void;
}

/** One child at a time and the work it has at hand, in order: the first is what it is running. */
export class Lane implements ChildEvents {
  child: ExecutorChild;
  private owed: Owed[] = [];
  private longCalls = 0;
  /** When the first of `owed` became the first. */
  private headSince = 0;
  private readonly events: LaneEvents;

  constructor(child: ExecutorChild, events: LaneEvents) {
    this.child = child;
    this.events = events;
    child.events = this;
  }

  /** Takes another child after the former has gone. */
  adopt(child: ExecutorChild): void {
    this.child = child;
    this.owed = [];
    this.longCalls = 0;
    child.events = this;
  }

  get inFlight(): number {
    return this.owed.length;
  }

  canTake(job: Job): boolean {
    if (this.child.hasExited) return false;
    return this.owed.length === 0 || (job.isShort && this.longCalls === 0 && this.owed.length < PIPELINE_DEPTH);
  }

  give(job: Job): void {
    job.attempts++;
    const { module, request } = job;
    if (!this.child.loaded.has(module.id)) {
      this.child.loaded.add(module.id);
      this.child.send(encodeLoad(module.id, module.bytes));
      this.owe({ job: request === undefined ? job : undefined, isLoad: true, module });
    }
    if (request === undefined) return;
    this.child.send(encodeRun({ moduleId: module.id, deadlineAt: job.deadlineAt, request }));
    this.owe({ job, isLoad: false, module });
    if (!job.isShort) this.longCalls++;
    if (module.isEvicted) this.drop(module.id);
  }

  private owe(owed: Owed): void {
    if (this.owed.length === 0) this.headSince = performance.now();
    this.owed.push(owed);
  }

  drop(moduleId: number): void {
    if (this.child.loaded.delete(moduleId)) this.child.send(encodeDrop(moduleId));
  }

  onAnswer(answer: ChildAnswer): void {
    const first = this.owed.shift();
    if (first === undefined || (answer.type !== "refused" && (answer.type === "loaded") !== first.isLoad)) {
      throw new Error("the child answers what it was not asked");
    }
    if (first.isLoad && answer.type === "refused") this.child.loaded.delete(first.module.id);
    if (this.owed.length === 0) this.longCalls = 0;
    if (answer.type === "outcome") {
      const { module } = first;
      const { durationMs } = answer.outcome;
      module.meanMs = module.meanMs === Number.POSITIVE_INFINITY ? durationMs : module.meanMs * 0.9 + durationMs * 0.1;
    }
    this.headSince = performance.now();
    first.job?.succeed(answer);
    if (this.owed[0]?.job?.isSettled) this.endSoon();
  }

  onBatch(): void {
    this.events.onCapacity();
  }

  /** The first call's time is over: the child either says so itself at once or is busy with it. */
  private endSoon(): void {
    const head = this.owed[0];
    setTimeout(() => {
      if (this.owed[0] === head) this.child.kill("deadline");
    }, GRACE_MS).unref();
  }

  /** Ends a call whose time is over, if it is running here. */
  expire(job: Job): void {
    const [head, next] = this.owed;
    const isRunning = head?.job === job;
    if (isRunning && this.child.stopsItself) this.endSoon();
    else if (isRunning || (head?.isLoad && next?.job === job)) this.child.kill("deadline");
  }

  /** Takes back what waits behind a call that has run longer than `stallMs`; its answers, if they come, are ignored. */
  takeBack(stallMs: number): Job[] {
    if (this.owed.length < 2 || performance.now() - this.headSince < stallMs) return [];
    const taken: Job[] = [];
    for (const owed of this.owed.slice(1)) {
      if (owed.job === undefined || owed.isLoad) continue;
      if (!owed.job.isSettled) taken.push(owed.job);
      owed.job = undefined;
    }
    return taken;
  }

  onExit(reason: ExitReason): void {
    const [head, ...rest] = this.owed;
    this.owed = [];
    const others = rest.map((owed) => owed.job).filter((job) => job !== undefined);
    this.events.onExit(this, reason, head?.job, others);
  }
}
