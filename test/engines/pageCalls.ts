/** Runs calls in a browser, through its executor. */
import { isDemecError } from "@demec/protocol/errors";
import type { ExecutionOutcome, ExecutionRequest } from "@demec/protocol/execution";
import { sha256 } from "@demec/protocol/sha256";
import type { CompiledModule } from "@demec/wasm";
import { WorkerExecutor } from "@demec/wasm/browser";
import { digest } from "../support/digest.ts";

/** Whatever runs is bounded by its fuel. */
const DEADLINE_MS = 120_000;

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

let executor: WorkerExecutor | undefined;

/** One for all: its workers live as long as the page. */
function theExecutor(): WorkerExecutor {
  executor ??= new WorkerExecutor({ lanes: 1, loadDeadlineMs: DEADLINE_MS });
  return executor;
}

/** How every call of every module ends: with an outcome, or with the code of a refusal or a fault. */
export async function runAll(all: readonly ModuleCalls[]): Promise<string[][]> {
  const ends: string[][] = [];
  for (const { module, calls } of all) {
    const run = await loaded(module);
    const outcomes = await Promise.all(calls.map((call) => run(call).catch(({ code }) => String(code))));
    ends.push(outcomes.map(showEnd));
  }
  return ends;
}

export async function runOne(module: Uint8Array, call: ExecutionRequest): Promise<ExecutionOutcome> {
  const { durationMs, ...outcome } = await (await loaded(module))(call);
  return outcome;
}

async function loaded(module: Uint8Array) {
  const executor = theExecutor();
  const moduleHash = sha256(module);
  await executor.load(moduleHash, module);
  return (request: ExecutionRequest) => executor.run({ moduleHash, request, deadlineMs: DEADLINE_MS, tenant: "test" });
}
