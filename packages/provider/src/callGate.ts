import { Allowance } from "@demec/network/allowance";
import { DemecError, type ExecutionOutcome, isDemecError, MAX_OUTPUT_BYTES, STATUS } from "@demec/protocol";
import { LRUCache } from "lru-cache";
import { type CallEnd, CallStats } from "./callStats.ts";
import type { Call, CallOutcome, CallPort, StreamedCall, StreamedPortOutcome } from "./executorPort.ts";
import type { ProviderPolicy } from "./policy.ts";

/** Buyers whose rate is remembered; of others the one unseen for longest starts anew. */
const MAX_BUYERS = 10_000;

export type CallLimits = Pick<ProviderPolicy, "maxCallsPerBuyer" | "callsPerSecondPerBuyer">;

/**
 * Stands before the executor and refuses what must not become a breach: a call whose output no message could carry, and
 * more calls of one buyer than its share. Calls that a buyer withdrew still run and still count: otherwise it could fill
 * the executor by calling and withdrawing, at no cost, and be owed a rebate for the calls that then fail.
 */
export class CallGate implements CallPort {
  readonly #executor: CallPort;
  readonly #limits: CallLimits;
  readonly #rates = new LRUCache<string, Allowance>({ max: MAX_BUYERS });
  readonly #running = new Map<string, number>();
  readonly stats = new CallStats();

  constructor(executor: CallPort, limits: CallLimits) {
    this.#executor = executor;
    this.#limits = limits;
  }

  /** @throws provider/output-limit, provider/too-many-calls, provider/call-rate, and what the executor throws */
  run(call: Call): Promise<CallOutcome> {
    return this.#admit(call, () => this.#executor.run(call));
  }

  /** @throws the same; executor/no-streaming */
  runStreamed(call: StreamedCall): Promise<StreamedPortOutcome> {
    return this.#admit(call, () => {
      if (this.#executor.runStreamed !== undefined) return this.#executor.runStreamed(call);
      return Promise.reject(new DemecError("executor/no-streaming", "Nothing is streamed here."));
    });
  }

  #admit<T extends ExecutionOutcome>({ tenant, request }: Call, run: () => Promise<T>): Promise<T> {
    const { outputBytes } = request.limits;
    if (outputBytes > MAX_OUTPUT_BYTES && request.byContent?.output === undefined) {
      this.stats.refuse();
      const what = `The call allows ${outputBytes} bytes of output; one message carries ${MAX_OUTPUT_BYTES}.`;
      const details = { outputBytes, maxOutputBytes: MAX_OUTPUT_BYTES };
      return Promise.reject(new DemecError("provider/output-limit", what, { details }));
    }
    const running = this.#running.get(tenant) ?? 0;
    const { maxCallsPerBuyer, callsPerSecondPerBuyer } = this.#limits;
    if (running >= maxCallsPerBuyer) {
      this.stats.refuse();
      const what = `${running} calls of ${tenant} are running or waiting already.`;
      const details = { running, maxCallsPerBuyer };
      return Promise.reject(new DemecError("provider/too-many-calls", what, { details }));
    }
    if (!this.#rateOf(tenant).take()) {
      this.stats.refuse();
      const what = `${tenant} calls more than ${callsPerSecondPerBuyer} times a second.`;
      const details = { callsPerSecondPerBuyer };
      return Promise.reject(new DemecError("provider/call-rate", what, { details }));
    }
    this.#running.set(tenant, running + 1);
    this.stats.running++;
    const startedMs = performance.now();
    const ended = (end: CallEnd) => {
      this.stats.running--;
      if (end === "refused") this.stats.refuse();
      else this.stats.count(end, performance.now() - startedMs);
      const left = this.#running.get(tenant)! - 1;
      if (left === 0) this.#running.delete(tenant);
      else this.#running.set(tenant, left);
    };
    const outcome = run();
    outcome.then(
      ({ status }) => ended(status === STATUS.ok ? "ok" : "ended"),
      // What only its sender can be blamed for.
      (error) => ended(isDemecError(error) && !error.code.startsWith("executor/") ? "refused" : "fault"),
    );
    return outcome;
  }

  #rateOf(tenant: string): Allowance {
    let rate = this.#rates.get(tenant);
    if (rate === undefined) {
      const perSecond = this.#limits.callsPerSecondPerBuyer;
      rate = new Allowance({ burst: perSecond, perSecond, now: () => performance.now() });
      this.#rates.set(tenant, rate);
    }
    return rate;
  }
}
