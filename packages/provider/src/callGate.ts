import { DemecError, type ExecutionOutcome, isDemecError, MAX_OUTPUT_BYTES, STATUS } from "@demec/protocol";
import { type CallEnd, CallStats } from "./callStats.ts";
import type { ExecutorPort } from "./executorPort.ts";

type Call = Parameters<ExecutorPort["run"]>[0];

/**
 * Stands before the executor and refuses what must not become a breach: a call whose output no message could carry, and
 * more calls of one buyer than its share. Calls that a buyer withdrew still run and still count: otherwise it could fill
 * the executor by calling and withdrawing, at no cost, and be owed a rebate for the calls that then fail.
 */
export class CallGate {
  readonly #executor: Pick<ExecutorPort, "run">;
  readonly #maxCallsPerBuyer: number;
  readonly #running = new Map<string, number>();
  readonly stats = new CallStats();

  constructor(executor: Pick<ExecutorPort, "run">, maxCallsPerBuyer: number) {
    this.#executor = executor;
    this.#maxCallsPerBuyer = maxCallsPerBuyer;
  }

  /** @throws provider/output-limit, provider/too-many-calls, and what the executor throws */
  async run(call: Call): Promise<ExecutionOutcome & { readonly durationMs: number }> {
    const { tenant, request } = call;
    const { outputBytes } = request.limits;
    if (outputBytes > MAX_OUTPUT_BYTES) {
      this.stats.refuse();
      throw new DemecError(
        "provider/output-limit",
        `The call allows ${outputBytes} bytes of output; one message carries ${MAX_OUTPUT_BYTES}.`,
        { details: { outputBytes, maxOutputBytes: MAX_OUTPUT_BYTES } },
      );
    }
    const running = this.#running.get(tenant) ?? 0;
    if (running >= this.#maxCallsPerBuyer) {
      this.stats.refuse();
      throw new DemecError("provider/too-many-calls", `${running} calls of ${tenant} are running or waiting already.`, {
        details: { running, maxCallsPerBuyer: this.#maxCallsPerBuyer },
      });
    }
    this.#running.set(tenant, running + 1);
    this.stats.running++;
    const startedMs = performance.now();
    let end: CallEnd = "fault";
    try {
      const outcome = await this.#executor.run(call);
      end = outcome.status === STATUS.ok ? "ok" : "ended";
      return outcome;
    } catch (error) {
      // What only its sender can be blamed for.
      if (isDemecError(error) && !error.code.startsWith("executor/")) end = "refused";
      throw error;
    } finally {
      this.stats.running--;
      if (end === "refused") this.stats.refuse();
      else this.stats.count(end, performance.now() - startedMs);
      const left = this.#running.get(tenant)! - 1;
      if (left === 0) this.#running.delete(tenant);
      else this.#running.set(tenant, left);
    }
  }
}
