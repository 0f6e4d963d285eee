import { DemecError, type ExecutionOutcome, MAX_OUTPUT_BYTES } from "@demec/protocol";
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

  constructor(executor: Pick<ExecutorPort, "run">, maxCallsPerBuyer: number) {
    this.#executor = executor;
    this.#maxCallsPerBuyer = maxCallsPerBuyer;
  }

  /** @throws provider/output-limit, provider/too-many-calls, and what the executor throws */
  async run(call: Call): Promise<ExecutionOutcome & { readonly durationMs: number }> {
    const { tenant, request } = call;
    const { outputBytes } = request.limits;
    if (outputBytes > MAX_OUTPUT_BYTES) {
      throw new DemecError(
        "provider/output-limit",
        `The call allows ${outputBytes} bytes of output; one message carries ${MAX_OUTPUT_BYTES}.`,
        { details: { outputBytes, maxOutputBytes: MAX_OUTPUT_BYTES } },
      );
    }
    const running = this.#running.get(tenant) ?? 0;
    if (running >= this.#maxCallsPerBuyer) {
      throw new DemecError("provider/too-many-calls", `${running} calls of ${tenant} are running or waiting already.`, {
        details: { running, maxCallsPerBuyer: this.#maxCallsPerBuyer },
      });
    }
    this.#running.set(tenant, running + 1);
    try {
      return await this.#executor.run(call);
    } finally {
      const left = this.#running.get(tenant)! - 1;
      if (left === 0) this.#running.delete(tenant);
      else this.#running.set(tenant, left);
    }
  }
}
