import { DemecError, isDemecError, MAX_OUTPUT_BYTES, STATUS } from "@demec/protocol";
import { type CallEnd, CallStats } from "./callStats.ts";
import type { Call, CallOutcome, CallPort } from "./executorPort.ts";

/**
 * Stands before the executor and refuses what must not become a breach: a call whose output no message could carry, and
 * more calls of one buyer than its share. Calls that a buyer withdrew still run and still count: otherwise it could fill
 * the executor by calling and withdrawing, at no cost, and be owed a rebate for the calls that then fail.
 */
export class CallGate implements CallPort {
  readonly #executor: CallPort;
  readonly #maxCallsPerBuyer: number;
  readonly #running = new Map<string, number>();
  readonly stats = new CallStats();

  constructor(executor: CallPort, maxCallsPerBuyer: number) {
    this.#executor = executor;
    this.#maxCallsPerBuyer = maxCallsPerBuyer;
  }

  /** @throws provider/output-limit, provider/too-many-calls, and what the executor throws */
  run(call: Call): Promise<CallOutcome> {
    const { tenant, request } = call;
    const { outputBytes } = request.limits;
    if (outputBytes > MAX_OUTPUT_BYTES && request.byContent?.output === undefined) {
      this.stats.refuse();
      const what = `The call allows ${outputBytes} bytes of output; one message carries ${MAX_OUTPUT_BYTES}.`;
      const details = { outputBytes, maxOutputBytes: MAX_OUTPUT_BYTES };
      return Promise.reject(new DemecError("provider/output-limit", what, { details }));
    }
    const running = this.#running.get(tenant) ?? 0;
    if (running >= this.#maxCallsPerBuyer) {
      this.stats.refuse();
      const what = `${running} calls of ${tenant} are running or waiting already.`;
      const details = { running, maxCallsPerBuyer: this.#maxCallsPerBuyer };
      return Promise.reject(new DemecError("provider/too-many-calls", what, { details }));
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
    const outcome = this.#executor.run(call);
    outcome.then(
      ({ status }) => ended(status === STATUS.ok ? "ok" : "ended"),
      // What only its sender can be blamed for.
      (error) => ended(isDemecError(error) && !error.code.startsWith("executor/") ? "refused" : "fault"),
    );
    return outcome;
  }
}
