import { DemecError, isDemecError } from "@demec/protocol/errors";
import type { KnownModule } from "../scheduling/job.ts";
import {
  ModuleExecutor,
  type SchedulingOptions,
  type SchedulingStatus,
  type StreamedCall,
  type StreamedOutcome,
} from "../scheduling/moduleExecutor.ts";
import type { MeteredCode } from "../v8/engine.ts";
import { WorkerChild } from "./workerChild.ts";

export interface WorkerExecutorOptions extends SchedulingOptions {
  /** Memory that one call may have, whatever its own limit: pages of 64 KiB, 16,384 (1 GiB) by default. */
  readonly maxMemoryPages?: number;
  /**
   * Makes a worker of `@demec/wasm/worker`. Only for who places that script by hand: Vite and webpack find it by
   * themselves.
   */
  readonly createWorker?: () => Worker;
}

export interface WorkerExecutorStatus extends SchedulingStatus {
  readonly engine: string;
  /** What is around a program: nothing but its worker. */
  readonly sandbox: string;
  /** Of each worker: calls that it has at hand. */
  readonly lanes: readonly { readonly inFlight: number }[];
}

/** More need more addresses for their memories than Chromium has. */
const MAX_LANES = 8;

/**
 * Runs strangers' modules in workers of a page: with the outcome that every executor gives. A module is metered and compiled in
 * the first worker that needs it and shared by all.
 */
export class WorkerExecutor extends ModuleExecutor {
  constructor(options: WorkerExecutorOptions = {}) {
    const { createWorker = newWorker, maxMemoryPages = 16_384 } = options;
    const codes = new WeakMap<KnownModule, MeteredCode>();
    super(options, {
      // The page, and whoever sits before it, want one.
      cores: Math.min(MAX_LANES, Math.max(1, navigator.hardwareConcurrency - 1)),
      start: () => new WorkerChild(createWorker(), codes, maxMemoryPages),
      maxRssBytes: Number.POSITIVE_INFINITY,
    });
  }

  /**
   * As {@link ModuleExecutor.runStreamed}, but for this: a program in a worker can't wait for input, so that all of it is
   * gathered before the call begins; and nobody can hold its output back, so that a call of which 16 MiB wait to be taken ends
   * with executor/out-of-memory.
   */
  override async runStreamed(call: StreamedCall): Promise<StreamedOutcome> {
    const startMs = performance.now();
    const input = await gather(call);
    const deadlineMs = Math.max(1, Math.ceil(call.deadlineMs - (performance.now() - startMs)));
    return super.runStreamed({ ...call, deadlineMs, request: { ...call.request, input }, input: whole(input) });
  }

  status(): WorkerExecutorStatus {
    const lanes = this.lanes().map(({ inFlight }) => ({ inFlight }));
    return { engine: "v8", sandbox: "worker", lanes, ...this.schedulingStatus() };
  }
}

// Bundlers know this form.
const newWorker = () => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });

/**
 * All of a call's input. A source that is silent when the call is over is left, as it can't be stopped.
 * @throws executor/stream-failed, executor/deadline, executor/cancelled
 */
async function gather({ input, deadlineMs, signal }: StreamedCall): Promise<Uint8Array> {
  const source = input[Symbol.asyncIterator]();
  const over = Promise.withResolvers<never>();
  const cancel = () => over.reject(new DemecError("executor/cancelled", "The caller cancelled the call."));
  const timer = setTimeout(() => {
    over.reject(new DemecError("executor/deadline", `The call's input was not all there within ${deadlineMs} ms.`));
  }, deadlineMs);
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted) cancel();
  const chunks: Uint8Array[] = [];
  try {
    for (;;) {
      const next = await Promise.race([over.promise, source.next()]);
      if (next.done) break;
      chunks.push(next.value);
    }
  } catch (cause) {
    // Not waited for: a generator that is waiting itself would return only then.
    source.return?.().catch(() => undefined);
    if (isDemecError(cause, "executor/deadline") || isDemecError(cause, "executor/cancelled")) throw cause;
    throw new DemecError("executor/stream-failed", `The input's source failed: ${cause}.`, { cause });
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cancel);
  }
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

async function* whole(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes;
}
