import type { Child, ChildAnswer, ChildEvents, ExitReason } from "./child.ts";
import { type Job, type KnownModule, learn, UNKNOWN_MS } from "./job.ts";

/**
 * Work that a child may have at hand while another has none: calls that it gets together cost it, and the parent, one
 * wake-up, which is more than a short call is.
 */
const LITTLE_MS = 0.25;
/** A call that runs longer is no neighbour for short ones. */
const STALL_MS = 50;
/** Time a child has to notice that a call's time is over before it begins. */
const GRACE_MS = 50;

/** What a child owes an answer for; a job that was taken back or is a mere reload has no one waiting. */
interface Owed {
  job: Job | undefined;
  readonly isLoad: boolean;
  readonly module: KnownModule;
  /** What it was taken to cost when it was given; milliseconds. */
  readonly estimateMs: number;
}

export interface LaneEvents {
  /** Work can be given again. */
  onCapacity(): void;
  /** A job has had `ms` of the child in all. */
  onUse(job: Job, ms: number): void;
  /** The child is gone; `culprit` was running in it, if that is certain; `others` had been given to it. */
  onExit(lane: Lane, reason: ExitReason, culprit: Job | undefined, others: Job[]): void;
}

/** One child at a time and the work it has at hand, in order: the first is what it is running. */
export class Lane implements ChildEvents {
  child: Child;
  private owed: Owed[] = [];
  private longCalls = 0;
  /** What the child has at hand, as it was estimated; milliseconds. */
  private atHandMs = 0;
  /** When the first of `owed` became the first, or there was none any more. */
  private headSince = performance.now();
  private readonly events: LaneEvents;

  constructor(child: Child, events: LaneEvents) {
    this.child = child;
    this.events = events;
    child.events = this;
  }

  /** Takes another child after the former has gone. */
  adopt(child: Child): void {
    this.child = child;
    this.owed = [];
    this.longCalls = 0;
    this.atHandMs = 0;
    child.events = this;
  }

  get inFlight(): number {
    return this.owed.length;
  }

  /** Time that the child has been at its present work, or without any. */
  get sinceMs(): number {
    return performance.now() - this.headSince;
  }

  /** Whether a long call is running. */
  get isStalled(): boolean {
    return this.owed.length > 0 && this.child.isReady && this.sinceMs > STALL_MS;
  }

  canTake(job: Job): boolean {
    if (this.child.hasExited) return false;
    if (this.owed.length === 0) return true;
    return this.owed.length < job.depth && this.longCalls === 0 && !this.isStalled;
  }

  /** Whether a further call had better join those at hand here than wake another child. */
  isWorthJoining(job: Job): boolean {
    return this.owed.length > 0 && this.atHandMs + job.estimateMs <= LITTLE_MS;
  }

  /** Whether something of the tenant is running here. */
  isRunning(tenant: string): boolean {
    return this.owed[0]?.job?.tenant === tenant;
  }

  /** Whether another tenant's job is behind the one that is running. */
  get keepsOthersWaiting(): boolean {
    const tenant = this.owed[0]?.job?.tenant;
    return this.owed.some(({ job, isLoad }) => job !== undefined && !isLoad && job.tenant !== tenant);
  }

  give(job: Job): void {
    const { module, request } = job;
    if (!this.child.loaded.has(module.id)) {
      this.child.load(module);
      this.owe({ job: request === undefined ? job : undefined, isLoad: true, module, estimateMs: UNKNOWN_MS });
    }
    if (request === undefined) return;
    const { deadlineAt, streams } = job;
    this.child.run({ moduleId: module.id, deadlineAt, request }, streams !== undefined);
    this.owe({ job, isLoad: false, module, estimateMs: job.estimateMs });
    if (job.depth === 1) this.longCalls++;
    if (module.isEvicted) this.drop(module.id);
  }

  private owe(owed: Owed): void {
    if (this.owed.length === 0) this.headSince = performance.now();
    this.owed.push(owed);
    this.atHandMs += owed.estimateMs;
  }

  drop(moduleId: number): void {
    this.child.drop(moduleId);
  }

  onReady(): void {
    this.headSince = performance.now();
    this.events.onCapacity();
  }

  onAnswer(answer: ChildAnswer): void {
    if (answer.type === "pull" || answer.type === "output") {
      this.onStream(answer);
      return;
    }
    const first = this.owed.shift();
    if (first === undefined || (answer.type !== "refused" && (answer.type === "loaded") !== first.isLoad)) {
      throw new Error("the child answers what it was not asked");
    }
    const { job, module } = first;
    if (first.isLoad && answer.type === "refused") this.child.loaded.delete(module.id);
    this.atHandMs -= first.estimateMs;
    if (this.owed.length === 0) {
      this.longCalls = 0;
      this.atHandMs = 0;
    }
    // Answers come in batches: what the child says tells more than the time between two.
    const ms = answer.type === "outcome" ? answer.outcome.durationMs : this.sinceMs;
    if (answer.type === "outcome") learn(module, ms);
    else if (answer.type === "loaded") module.loadMs = ms;
    this.headSince = performance.now();
    if (job !== undefined) this.events.onUse(job, ms);
    job?.succeed(answer);
    if (this.owed[0]?.job?.isSettled) this.endSoon();
  }

  private onStream(answer: ChildAnswer & { type: "pull" | "output" }): void {
    const job = this.owed[0]?.job;
    if (job?.streams === undefined) throw new Error("the child streams what is no stream");
    if (job.isSettled) return;
    if (answer.type === "pull") job.streams.pulled(this.child, answer.bytes);
    else job.streams.wrote(this.child, answer.bytes);
  }

  onBatch(): void {
    this.events.onCapacity();
  }

  /** The first job is of no use any more: the child either is through with it at once or is killed. */
  private endSoon(): void {
    const head = this.owed[0];
    setTimeout(() => {
      if (this.owed[0] === head) this.child.kill("deadline");
    }, GRACE_MS).unref?.();
  }

  /** Ends a call whose time is over, if it is running here. */
  expire(job: Job): void {
    const [head, next] = this.owed;
    const isRunning = head?.job === job;
    if (isRunning && this.child.stopsItself) this.endSoon();
    else if (isRunning || (head?.isLoad && next?.job === job)) this.child.kill("deadline");
  }

  /** Ends a call that nobody wants any more, if it is running here; one that waits here is ended when its turn comes. */
  cancel(job: Job): void {
    if (this.owed[0]?.job === job) this.endSoon();
  }

  /** Charges the running job for what it has had until now. */
  use(): void {
    const job = this.owed[0]?.job;
    if (job !== undefined && this.child.isReady) this.events.onUse(job, Math.max(job.chargedMs, this.sinceMs));
  }

  /** Takes back what waits behind the running call; its answers, if they come, are ignored. */
  takeBack(): Job[] {
    const taken: Job[] = [];
    for (const owed of this.owed.slice(1)) {
      if (owed.job === undefined || owed.isLoad || owed.job.streams !== undefined) continue;
      if (!owed.job.isSettled) taken.push(owed.job);
      owed.job = undefined;
    }
    return taken;
  }

  onExit(reason: ExitReason): void {
    const [head, ...rest] = this.owed;
    this.use();
    if (head !== undefined && !head.isLoad) learn(head.module, this.sinceMs);
    this.owed = [];
    this.atHandMs = 0;
    this.headSince = performance.now();
    const others = rest.map((owed) => owed.job).filter((job) => job !== undefined);
    // Only reloading a module: whoever asked for it comes next, and may not survive it either. Of several calls any may
    // have been running, since a child holds answers back.
    let culprit = head?.job;
    if (head?.isLoad) culprit ??= others.shift();
    else if (culprit !== undefined && rest.length > 0) {
      others.unshift(culprit);
      culprit = undefined;
    }
    this.events.onExit(this, reason, culprit, others);
  }
}
