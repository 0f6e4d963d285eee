import assert from "node:assert/strict";
import { isDemecError } from "@demec/protocol/errors";
import { type ExecutionOutcome, type ExecutionRequest, STATUS } from "@demec/protocol/execution";
import { type CompiledModule, V8Engine } from "@demec/wasm";
import { isBuilt, WasmtimeEngine } from "@demec/wasmtime";
import { request } from "../../packages/wasm/src/testing/request.ts";

/** Why tests of the Wasmtime engine are skipped, or false. */
export const skip = isBuilt() ? false : "the Wasmtime engine is not built (pnpm build:wasmtime)";

const v8 = new V8Engine();
const wasmtime = isBuilt() ? new WasmtimeEngine() : undefined;

/** One module on both engines. */
export class Both {
  private readonly engines: readonly CompiledModule[];

  private constructor(engines: readonly CompiledModule[]) {
    this.engines = engines;
  }

  static async compile(module: Uint8Array): Promise<Both> {
    return new Both([await v8.compile(module), await wasmtime!.compile(module)]);
  }

  /** Outcome of a call, after asserting that it is the same on both, or the code of the refusal. */
  run(call: ExecutionRequest): ExecutionOutcome | string {
    const [first, second] = this.engines.map((engine) => {
      try {
        return engine.run(call);
      } catch (error) {
        if (!isDemecError(error) || error.code === "executor/host-failure") throw error;
        return error.code;
      }
    });
    assert.deepEqual(second, first);
    return first!;
  }

  /** As `run`, of a call that neither engine refuses. */
  outcome(call: ExecutionRequest): ExecutionOutcome {
    const outcome = this.run(call);
    if (typeof outcome === "string") assert.fail(`the call is refused: ${outcome}`);
    return outcome;
  }

  /**
   * Work that a call needs is the exact edge on both engines: it completes with that much, and not with one less.
   * @param call with plenty of fuel
   */
  assertEdge(call: ExecutionRequest): ExecutionOutcome {
    const whole = this.outcome(call);
    const { bitOps, floatOps } = whole;
    const limited = (limits: { bitOps: bigint; floatOps: bigint }) =>
      this.outcome({ ...call, limits: { ...call.limits, ...limits } });
    assert.deepEqual(limited({ bitOps, floatOps }), whole);
    assert.equal(limited({ bitOps: bitOps - 1n, floatOps }).status, STATUS.outOfFuel);
    if (floatOps > 0n) assert.equal(limited({ bitOps, floatOps: floatOps - 1n }).status, STATUS.outOfFuel);
    return whole;
  }
}

/** Runs a module once on both engines. */
export async function both(module: Uint8Array, call = request()): Promise<ExecutionOutcome | string> {
  return (await Both.compile(module)).run(call);
}
