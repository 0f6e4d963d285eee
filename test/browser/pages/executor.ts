/** The executor of browsers, call by call. */
import { isDemecError } from "@demec/protocol/errors";
import type { Limits } from "@demec/protocol/execution";
import { sha256 } from "@demec/protocol/sha256";
import { WorkerExecutor, type WorkerExecutorOptions, type WorkerExecutorStatus } from "@demec/wasm/browser";
import { request } from "../../../packages/wasm/src/testing/request.ts";

export interface Call {
  readonly module: Uint8Array;
  readonly input?: Uint8Array;
  readonly limits?: Partial<Limits>;
  readonly deadlineMs?: number;
  readonly tenant?: string;
  /** Takes the call back after so long. */
  readonly cancelMs?: number;
}

/** What became of a call, and when, in milliseconds from its beginning; or the code of an error. */
export type End = { readonly afterMs: number } & (
  | { readonly output: Uint8Array; readonly status: number }
  | { readonly code: string }
);

let executor: WorkerExecutor | undefined;

/** What a worker says first. */
export function heard(script: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(script, location.href), { type: "module" });
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = reject;
  });
}

/** Before all else. */
export async function open(options: WorkerExecutorOptions = {}): Promise<void> {
  await executor?.close();
  executor = new WorkerExecutor({ lanes: 1, ...options });
}

export const status = (): WorkerExecutorStatus => executor!.status();
export const close = (): Promise<void> => executor!.close();

/** Makes calls at once. */
export const callAll = (calls: readonly Call[]): Promise<End[]> => Promise.all(calls.map(callOne));

async function callOne({ module, deadlineMs = 20_000, tenant = "t", cancelMs, ...parts }: Call): Promise<End> {
  const start = performance.now();
  const afterMs = () => performance.now() - start;
  try {
    const moduleHash = sha256(module);
    await executor!.load(moduleHash, module, tenant);
    const limits = { bitOps: 10n ** 15n, memoryPages: 65_536, ...parts.limits };
    const call = { moduleHash, request: request({ ...parts, limits }), deadlineMs, tenant };
    const { output, status } = await executor!.run(
      cancelMs === undefined ? call : { ...call, signal: AbortSignal.timeout(cancelMs) },
    );
    return { output, status, afterMs: afterMs() };
  } catch (error) {
    if (!isDemecError(error)) throw error;
    return { code: error.code, afterMs: afterMs() };
  }
}

/** Streams so many bytes through a program that copies them; each piece of output takes `takeMs` to be taken. */
export async function stream(module: Uint8Array, bytes: number, takeMs = 0) {
  const moduleHash = sha256(module);
  await executor!.load(moduleHash, module);
  const limits = { bitOps: 10n ** 15n, outputBytes: 0xffff_ffff };
  async function* input() {
    for (let at = 0; at < bytes; at += 1 << 18) yield new Uint8Array(Math.min(1 << 18, bytes - at)).fill(at >> 18);
  }
  try {
    const { inputHash, stdoutHash, inputBytes, stdoutBytes } = await executor!.runStreamed({
      ...{
        moduleHash,
        request: request({ shape: "command", limits }),
        deadlineMs: 60_000,
        tenant: "t",
        input: input(),
      },
      onOutput: () => new Promise<void>((resolve) => (takeMs === 0 ? resolve() : setTimeout(resolve, takeMs))),
    });
    return { inputHash, stdoutHash, inputBytes, stdoutBytes };
  } catch (error) {
    if (!isDemecError(error)) throw error;
    return error.code;
  }
}

/** Streams from a source that says one thing and then nothing. @returns what the call ended in, and whether it let the source go */
export async function streamFromSilence(
  module: Uint8Array,
  { deadlineMs, cancelMs }: { readonly deadlineMs: number; readonly cancelMs?: number },
): Promise<End & { isLeft: boolean }> {
  const moduleHash = sha256(module);
  await executor!.load(moduleHash, module);
  let isLeft = false;
  const said = [new Uint8Array(10)];
  const input: AsyncIterableIterator<Uint8Array> = {
    [Symbol.asyncIterator]: () => input,
    next: () => {
      const value = said.pop();
      return value === undefined ? new Promise(() => {}) : Promise.resolve({ done: false, value });
    },
    return: async () => {
      isLeft = true;
      return { done: true, value: undefined };
    },
  };
  const start = performance.now();
  const call = { moduleHash, request: request({ shape: "command" }), deadlineMs, tenant: "t", input };
  const signal = cancelMs === undefined ? undefined : AbortSignal.timeout(cancelMs);
  try {
    await executor!.runStreamed({ ...call, ...(signal && { signal }), onOutput() {} });
  } catch (error) {
    if (!isDemecError(error)) throw error;
    return { code: error.code, afterMs: performance.now() - start, isLeft };
  }
  throw new Error("unreachable: the input never ends");
}
