import { DemecError } from "@demec/protocol";

/** How long a step may take, and who may call it off. */
export interface Deadline {
  /** Milliseconds from now. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The promise's value, if it comes in time.
 * @param what the step, for the message
 * @throws network/timeout, network/aborted; what the promise rejects with
 */
export async function within<T>(promise: Promise<T>, what: string, { timeoutMs, signal }: Deadline): Promise<T> {
  const { promise: gaveUp, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(new DemecError("network/timeout", `${what} took longer than ${timeoutMs} ms.`, { details: { timeoutMs } }));
  }, timeoutMs);
  const abort = () => reject(new DemecError("network/aborted", `${what} was called off.`, { cause: signal?.reason }));
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  try {
    return await Promise.race([promise, gaveUp]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    promise.catch(() => {});
  }
}
