import type { Job } from "./job.ts";

/**
 * Jobs that are not settled, and one timer for the first of them whose time will be over: a timer, and a place in a Set,
 * for each of ten thousand jobs a second cost as much as some of them do.
 */
export class OpenJobs {
  private readonly jobs: Job[] = [];
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** When the timer strikes, by `performance.now()`. */
  private dueAtMs = Number.POSITIVE_INFINITY;

  add(job: Job): void {
    job.place = this.jobs.push(job) - 1;
    this.await(job.deadlineAt);
  }

  delete(job: Job): void {
    const last = this.jobs.pop()!;
    if (last === job) return;
    this.jobs[job.place] = last;
    last.place = job.place;
  }

  all(): Job[] {
    return [...this.jobs];
  }

  /** Expires nothing more. */
  stop(): void {
    clearTimeout(this.timer);
  }

  private await(atMs: number): void {
    if (atMs >= this.dueAtMs) return;
    clearTimeout(this.timer);
    this.dueAtMs = atMs;
    this.timer = setTimeout(this.expire, Math.ceil(atMs - performance.now()));
    // Children keep the process up while there is work.
    this.timer.unref?.();
  }

  private readonly expire = (): void => {
    this.dueAtMs = Number.POSITIVE_INFINITY;
    const nowMs = performance.now();
    for (const job of this.all()) {
      if (job.isSettled) continue;
      if (job.deadlineAt <= nowMs) job.expire();
      else this.await(job.deadlineAt);
    }
  };
}
