import { DemecError, type Hex } from "@demec/protocol";
import type { Connection } from "../connection.ts";
import { fromHex, toHex } from "../hex.ts";
import { Sources, type SourcesOptions } from "./sources.ts";

export interface FetchOptions {
  readonly coreKey: Hex;
  readonly sha256: Hex;
  /** Largest content that is wanted, in bytes. */
  readonly maxBytes: number;
  /** Default 30,000 ms. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Connections to ask, as they come and go. Peers that announce the core are searched for as well when these give nothing in a second. */
  readonly connections?: (() => readonly Connection[]) | undefined;
}

/**
 * Asks all who may have a core, for as long as the fetch may take.
 * @param work gets what is told to it of the core; `stopped` rejects when time is up, with the reason of the signal
 * @throws network/content-not-found, network/aborted; what `work` throws
 */
export async function fromPeers<T>(
  options: FetchOptions,
  peers: Omit<SourcesOptions, "given">,
  work: (stopped: Promise<never>, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const { timeoutMs = 30_000, signal, connections = () => [] } = options;
  const sources = new Sources({ ...peers, given: connections });
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(notFound(options, sources)), timeoutMs);
  const abort = () => stop.abort(new DemecError("network/aborted", "The fetch was called off."));
  signal?.addEventListener("abort", abort, { once: true });
  if (signal?.aborted) abort();
  const stopped = new Promise<never>((_, reject) => {
    stop.signal.addEventListener("abort", () => reject(stop.signal.reason), { once: true });
    if (stop.signal.aborted) reject(stop.signal.reason);
  });
  stopped.catch(() => {});
  try {
    sources.search(stop.signal);
    return await work(stopped, stop.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    stop.abort();
    await sources.close();
  }
}

export function normal(hash: Hex): Hex {
  return toHex(fromHex(hash));
}

/** @throws network/content-too-large */
export function assertSize(length: number, { sha256, maxBytes }: FetchOptions): void {
  if (length > maxBytes) {
    const what = `Content ${sha256} has ${length} bytes; ${maxBytes} are allowed.`;
    throw new DemecError("network/content-too-large", what, { details: { sha256, length, maxBytes } });
  }
}

export function contentFull(
  { sha256, length }: { readonly sha256: Hex; readonly length: number },
  heldBytes: number,
  maxBytes: number,
): DemecError {
  const what = `Content ${sha256} of ${length} bytes does not fit: ${heldBytes} of ${maxBytes} are held, and needed.`;
  return new DemecError("network/content-full", what, { details: { sha256, length, maxBytes } });
}

export function mismatch({ coreKey, sha256 }: FetchOptions, why: string, cause?: unknown): DemecError {
  return new DemecError("network/content-hash-mismatch", `Core ${coreKey} does not hold content ${sha256}: ${why}.`, {
    cause,
    details: { coreKey, sha256 },
  });
}

function notFound({ coreKey, timeoutMs = 30_000 }: FetchOptions, { asked }: Sources): DemecError {
  return new DemecError(
    "network/content-not-found",
    `Core ${coreKey} did not come whole from any peer within ${timeoutMs} ms; ${asked} were asked.`,
    { details: { coreKey, timeoutMs, asked } },
  );
}
