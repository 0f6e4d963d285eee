import { Allowance } from "@demec/network/allowance";
import { type ContentReference, DemecError, MAX_OUTPUT_BYTES } from "@demec/protocol";
import { LRUCache } from "lru-cache";
import type { Call, CallOutcome, CallPort, ExecutorPort, StreamedCall, StreamedPortOutcome } from "../executorPort.ts";
import { type ContentPort, Fetcher } from "./fetcher.ts";
import { Holdings } from "./holdings.ts";
import { Modules } from "./modules.ts";
import type { ContentPolicy } from "./policy.ts";

/** An output of so many bytes, less than a block, is sent though it was asked for by content. */
const SENT_BYTES = 32_768;
/** What a message carries beside such an output. */
const MAX_STDERR_BYTES = MAX_OUTPUT_BYTES - SENT_BYTES;
/** A service waits so long for a schema that nobody has; milliseconds. */
const MIRROR_MS = 5_000;
/** Buyers whose allowances are remembered. */
const MAX_BUYERS = 10_000;

export interface ContentDeskOptions {
  readonly executor: ExecutorPort;
  readonly store: ContentPort;
  readonly policy: ContentPolicy;
  /** Monotonic milliseconds. */
  readonly now: () => number;
}

/** Stands between calls and the executor: fetches what a call names, and publishes the output that is to be fetched. */
export class ContentDesk implements CallPort {
  readonly #options: ContentDeskOptions;
  readonly #holdings: Holdings;
  readonly #fetcher: Fetcher;
  readonly #modules: Modules;
  readonly #waiting = new Set<ReturnType<typeof setTimeout>>();

  constructor(options: ContentDeskOptions) {
    const { store, policy, executor, now } = options;
    const { fetchBurstBytes, fetchBytesPerSecond, compileBurst, compilesPerSecond } = policy;
    const mayFetch = allowances({ burst: fetchBurstBytes, perSecond: fetchBytesPerSecond, now });
    const mayCompile = allowances({ burst: compileBurst, perSecond: compilesPerSecond, now });
    this.#options = options;
    this.#holdings = new Holdings(policy);
    this.#fetcher = new Fetcher({ store, fetchMs: policy.fetchMs, mayFetch });
    this.#modules = new Modules({
      ...{ executor, fetcher: this.#fetcher, maxModuleBytes: policy.maxModuleBytes },
      mayCompile: (buyer) => mayCompile(buyer, 1),
    });
  }

  /** Gets a service's module ready to be run, and keeps it so. @throws network/content-…, wasm/…, executor/… */
  serve(service: Parameters<Modules["serve"]>[0]): Promise<void> {
    return this.#modules.serve(service);
  }

  /** Keeps a small content and serves it on, so that it can be had while its publisher is away. @throws network/content-… */
  async mirror(content: ContentReference): Promise<void> {
    await this.#fetcher.keep(content, content.length, MIRROR_MS);
  }

  /**
   * @throws provider/content-too-large, provider/content-busy, provider/module-refused, network/content-…, wasm/… for what
   * only the buyer can be blamed for; what the executor throws
   */
  run(call: Call): Promise<CallOutcome> {
    const { executor } = this.#options;
    if (call.request.byContent === undefined && executor.has(call.moduleHash)) return executor.run(call);
    return this.#run(call);
  }

  /** The same for a streamed call, of which only the module may travel by content. @throws executor/no-streaming, too */
  async runStreamed(call: StreamedCall): Promise<StreamedPortOutcome> {
    const { executor } = this.#options;
    if (executor.runStreamed === undefined) throw new DemecError("executor/no-streaming", "Nothing is streamed here.");
    await this.#modules.ensure(call);
    call.way?.onFetched();
    return executor.runStreamed({ ...call, request: { ...call.request, byContent: undefined } });
  }

  /** Outputs that wait are left to the store, which gives them up when it needs room. */
  stop(): void {
    for (const timer of this.#waiting) clearTimeout(timer);
    this.#waiting.clear();
  }

  async #run(call: Call): Promise<CallOutcome> {
    const { executor, policy } = this.#options;
    const { request, tenant } = call;
    const { input, output } = request.byContent ?? {};
    const { outputBytes } = request.limits;
    if (output && outputBytes > policy.maxBytes) {
      const what = `The call allows ${outputBytes} bytes of output; this provider publishes ${policy.maxBytes}.`;
      throw new DemecError("provider/output-limit", what, { details: { outputBytes, maxBytes: policy.maxBytes } });
    }
    const releaseInput = this.#holdings.take(tenant, input?.length ?? 0);
    try {
      const releaseOutput = this.#holdings.take(tenant, output ? outputBytes : 0);
      try {
        const bytes = input && (await this.#fetcher.fetch(input, policy.maxBytes, call));
        // Last: the executor may forget a module while something else is waited for.
        await this.#modules.ensure(call);
        call.way?.onFetched();
        const whole = { ...request, input: bytes ?? request.input, byContent: undefined };
        const outcome = await executor.run({ ...call, request: whole });
        if (outcome.stderr.length > MAX_STDERR_BYTES) {
          const what = `The call wrote ${outcome.stderr.length} bytes to stderr; one message carries ${MAX_STDERR_BYTES}.`;
          throw new DemecError("provider/output-limit", what, { details: { stderrBytes: outcome.stderr.length } });
        }
        if (!output || outcome.output.length <= SENT_BYTES) {
          releaseOutput();
          return outcome;
        }
        return { ...outcome, waiting: await this.#publish(outcome.output, releaseOutput) };
      } catch (error) {
        releaseOutput();
        throw error;
      }
    } finally {
      releaseInput();
    }
  }

  async #publish(output: Uint8Array, forget: () => void): Promise<CallOutcome["waiting"]> {
    const { store, policy } = this.#options;
    const content = await store.put(output);
    const release = () => {
      if (!this.#waiting.delete(timer)) return;
      clearTimeout(timer);
      forget();
      // A store that is being closed needs no release.
      store.release(content).catch(() => undefined);
    };
    const timer = setTimeout(release, policy.outputMs);
    timer.unref?.();
    this.#waiting.add(timer);
    return { content, release };
  }
}

/** An allowance for each buyer. */
function allowances(rate: ConstructorParameters<typeof Allowance>[0]): (buyer: string, amount: number) => boolean {
  const ofBuyer = new LRUCache<string, Allowance>({ max: MAX_BUYERS });
  return (buyer, amount) => {
    const allowance = ofBuyer.get(buyer) ?? new Allowance(rate);
    ofBuyer.set(buyer, allowance);
    return allowance.take(amount);
  };
}
