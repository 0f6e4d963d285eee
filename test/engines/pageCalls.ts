/** Runs calls on the V8 engine of a browser. */
import { isDemecError } from "@demec/protocol/errors";
import type { ExecutionOutcome, ExecutionRequest } from "@demec/protocol/execution";
import { type CompiledModule, V8Engine } from "@demec/wasm";

/** Calls of one module, in their order. */
export interface ModuleCalls {
  readonly module: Uint8Array;
  readonly calls: readonly ExecutionRequest[];
}

/** The outcome of a call, or the code of its refusal. @throws what is neither */
export function outcomeOrRefusal(module: CompiledModule, call: ExecutionRequest): ExecutionOutcome | string {
  try {
    return module.run(call);
  } catch (error) {
    if (!isDemecError(error) || error.code === "executor/host-failure") throw error;
    return error.code;
  }
}

/** What every call of every module ends with. */
export async function runAll(all: readonly ModuleCalls[]): Promise<(ExecutionOutcome | string)[][]> {
  const engine = new V8Engine();
  const ends: (ExecutionOutcome | string)[][] = [];
  for (const { module, calls } of all) {
    const compiled = await engine.compile(module);
    ends.push(calls.map((call) => outcomeOrRefusal(compiled, call)));
  }
  return ends;
}
