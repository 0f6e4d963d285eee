import type { DemecError } from "@demec/protocol/errors";
import type { ExecutionRequest } from "@demec/protocol/execution";
import type { ModuleInfo } from "../engine.ts";
import type { ChildAnswer } from "./ipc.ts";

/** A module as published, known to the executor. */
export interface KnownModule {
  readonly id: number;
  readonly bytes: Uint8Array;
  info: ModuleInfo | undefined;
  /** Running mean of its invocations' duration; infinite until the first. */
  meanMs: number;
  /** No longer in the cache: children forget it after its last call. */
  isEvicted: boolean;
}

/** One piece of work for a child, from the moment it is asked for until it is settled. */
export class Job {
  readonly tenant: string;
  readonly module: KnownModule;
  /** Undefined: load the module. */
  readonly request: ExecutionRequest | undefined;
  readonly deadlineAt: number;
  /** Times it was given to a child. */
  attempts = 0;
  isSettled = false;
  private readonly timer: NodeJS.Timeout;
  private readonly onAnswer: (answer: ChildAnswer) => void;
  private readonly onError: (error: DemecError) => void;

  constructor(
    work: { tenant: string; module: KnownModule; request?: ExecutionRequest; deadlineMs: number },
    settle: { answer(answer: ChildAnswer): void; error(error: DemecError): void; expired(job: Job): void },
  ) {
    this.tenant = work.tenant;
    this.module = work.module;
    this.request = work.request;
    const deadlineMs = Math.min(work.deadlineMs, 0x7fff_ffff);
    this.deadlineAt = Date.now() + deadlineMs;
    this.onAnswer = settle.answer;
    this.onError = settle.error;
    this.timer = setTimeout(() => settle.expired(this), deadlineMs);
  }

  /** Long calls are given to a child one at a time, so that nobody waits behind them while another child is free. */
  get isShort(): boolean {
    return this.request !== undefined && this.module.meanMs < 1;
  }

  succeed(answer: ChildAnswer): void {
    if (this.settle()) this.onAnswer(answer);
  }

  fail(error: DemecError): void {
    if (this.settle()) this.onError(error);
  }

  private settle(): boolean {
    if (this.isSettled) return false;
    this.isSettled = true;
    clearTimeout(this.timer);
    return true;
  }
}
