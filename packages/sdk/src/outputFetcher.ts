import type { Connection } from "@demec/network/portable";
import { DemecError, type ExecutionRequest, isDemecError, type Result } from "@demec/protocol";
import type { ContentPort } from "./content.ts";

export interface OutputFetcherOptions {
  readonly content: ContentPort | undefined;
  /** A call whose result would count, and until when it is waited for; monotonic milliseconds. */
  readonly awaited: (callId: number) => { readonly request: ExecutionRequest; readonly untilMs: number } | undefined;
  readonly connections: () => readonly Connection[];
  /** Gets the result with its output. */
  readonly fetched: (result: Result) => void;
  /** Hears that the output of a call can't be had. */
  readonly failed: (callId: number, cause: DemecError) => void;
}

/** Fetches outputs that were not sent: a result counts, and is acknowledged, once its output is here and what was named. */
export class OutputFetcher {
  readonly #options: OutputFetcherOptions;
  readonly #fetching = new Map<number, AbortController>();

  constructor(options: OutputFetcherOptions) {
    this.#options = options;
  }

  /** @returns false for a result that was not asked for in this way, or is larger than it may be */
  take(result: Result): boolean {
    const { content, awaited } = this.#options;
    const { callId, outputContent } = result;
    const call = awaited(callId);
    if (content === undefined || call === undefined) return false;
    const { byContent, limits } = call.request;
    if (byContent?.output !== true || outputContent!.length > limits.outputBytes) return false;
    if (!this.#fetching.has(callId)) {
      const stop = new AbortController();
      this.#fetching.set(callId, stop);
      void this.#fetch(content, result, call.untilMs, stop.signal).finally(() => this.#fetching.delete(callId));
    }
    return true;
  }

  stop(): void {
    for (const stop of this.#fetching.values()) stop.abort();
  }

  async #fetch(content: ContentPort, result: Result, untilMs: number, signal: AbortSignal): Promise<void> {
    const { connections, fetched, failed, awaited } = this.#options;
    const { outputContent, ...rest } = result;
    const { coreKey, sha256, length } = outputContent!;
    try {
      const timeoutMs = Math.max(1, untilMs - performance.now());
      const wanted = { coreKey, sha256, maxBytes: length, timeoutMs, connections, signal };
      const output = await content.fetch(wanted);
      if (output.length !== length) {
        const what = `Output ${sha256} has ${output.length} bytes, and ${length} were announced.`;
        throw new DemecError("network/content-hash-mismatch", what, { details: { sha256, length } });
      }
      // It may have been withdrawn, or taken elsewhere, meanwhile.
      if (awaited(result.callId) !== undefined) fetched({ ...rest, output });
    } catch (error) {
      if (signal.aborted) return;
      const cause = isDemecError(error)
        ? error
        : new DemecError("network/content-not-found", `Output ${sha256} could not be fetched.`, { cause: error });
      failed(result.callId, cause);
    }
  }
}
