import { DemecError } from "@demec/protocol/errors";
import { Child, type ChildAnswer, type ChildCall, type ExitReason } from "../scheduling/child.ts";
import type { KnownModule } from "../scheduling/job.ts";
import type { MeteredCode } from "../v8/engine.ts";
import { compact, epochMs, type FromWorker, type ToWorker } from "./messages.ts";

/** Output of a streamed call that may wait to be taken: nothing holds a program in a worker back. */
const MAX_WAITING_BYTES = 1 << 24;

/** A worker of a page. What it says is its own code's word: no program can send messages. */
export class WorkerChild extends Child {
  readonly pid = undefined;
  readonly stopsItself = false;
  readonly gone: Promise<void>;
  private readonly worker: Worker;
  /** What any worker has compiled. */
  private readonly codes: WeakMap<KnownModule, MeteredCode>;
  /** Modules whose answers are due, in their order. */
  private readonly loading: KnownModule[] = [];
  private isTerminated = false;
  private isPaused = false;
  private waitingBytes = 0;
  private isGone: () => void = () => {};

  /**
   * @param codes shared by all workers of an executor
   * @param maxMemoryPages what one call may have
   */
  constructor(worker: Worker, codes: WeakMap<KnownModule, MeteredCode>, maxMemoryPages: number) {
    super();
    this.codes = codes;
    this.worker = worker;
    this.gone = new Promise((resolve) => {
      this.isGone = resolve;
    });
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.kill("crashed");
    };
    worker.onmessageerror = () => this.kill("crashed");
    this.send({ type: "begin", maxMemoryPages });
  }

  get hasExited(): boolean {
    return this.isTerminated;
  }

  protected sendLoad(module: KnownModule): void {
    const { id: moduleId, bytes } = module;
    const code = this.codes.get(module);
    this.loading.push(module);
    if (code === undefined) this.send({ type: "load", moduleId, bytes: compact(bytes) });
    else this.send({ type: "adopt", moduleId, code });
  }

  protected sendDrop(moduleId: number): void {
    this.send({ type: "drop", moduleId });
  }

  run({ moduleId, deadlineAt, request }: ChildCall, isStreamed: boolean): void {
    const { input, seed, files } = request;
    const compacted = {
      ...request,
      input: compact(input),
      seed: compact(seed),
      files: files.map(({ path, bytes }) => ({ path, bytes: compact(bytes) })),
    };
    this.send({ type: "run", moduleId, deadlineAt: epochMs(deadlineAt), request: compacted, isStreamed });
  }

  /** It has all of it since the call began. */
  sendInput(): void {}

  pause(): void {
    this.isPaused = true;
  }
  resume(): void {
    this.isPaused = false;
    this.waitingBytes = 0;
  }

  /** It holds no answers back. */
  nudge(): void {}

  kill(reason: ExitReason): void {
    if (this.isTerminated) return;
    this.isTerminated = true;
    this.worker.terminate();
    this.isGone();
    // As a process does, it ends after whatever asked for it.
    queueMicrotask(() => this.events?.onExit(reason));
  }

  /** Browsers don't tell. */
  rssBytes(): number {
    return 0;
  }

  private send(message: ToWorker): void {
    if (!this.isTerminated) this.worker.postMessage(message);
  }

  private receive(message: FromWorker): void {
    if (this.isTerminated) return;
    if (message.type === "ready") this.started();
    else this.answered(this.answerOf(message));
    this.events?.onBatch();
  }

  private answerOf(message: Exclude<FromWorker, { type: "ready" }>): ChildAnswer {
    switch (message.type) {
      case "loaded": {
        const module = this.loading.shift();
        if (module !== undefined && message.code !== undefined) this.codes.set(module, message.code);
        return { type: "loaded", info: message.info };
      }
      case "refused": {
        const { code, what, details } = message;
        return {
          type: "refused",
          error: new DemecError(code as DemecError["code"], what, { details: { ...details } }),
        };
      }
      case "output":
        if (this.isPaused) this.waitingBytes += message.bytes.length;
        if (this.waitingBytes > MAX_WAITING_BYTES) this.kill("out-of-memory");
        return message;
      default:
        return message;
    }
  }
}
