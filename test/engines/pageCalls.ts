/** Runs calls on the V8 engine of a browser. */
import { isDemecError } from "@demec/protocol/errors";
import type { ExecutionOutcome, ExecutionRequest } from "@demec/protocol/execution";
import { type CompiledModule, V8Engine } from "@demec/wasm";
import { digest } from "../support/digest.ts";

const engine = new V8Engine();

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

/** An end in one line, bytes by their hash. */
export function showEnd(end: ExecutionOutcome | string): string {
  if (typeof end === "string") return end;
  const { status, exitCode, output, stderr, bitOps, floatOps } = end;
  return `${status} ${exitCode} ${bitOps} ${floatOps} ${digest(output)} ${digest(stderr)}`;
}

/** How every call of every module ends. */
export async function runAll(all: readonly ModuleCalls[]): Promise<string[][]> {
  const ends: string[][] = [];
  for (const { module, calls } of all) {
    const compiled = await engine.compile(module);
    ends.push(calls.map((call) => showEnd(outcomeOrRefusal(compiled, call))));
  }
  return ends;
}

export async function runOne(module: Uint8Array, call: ExecutionRequest): Promise<ExecutionOutcome> {
  return (await engine.compile(module)).run(call);
}
