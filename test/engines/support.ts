import assert from "node:assert/strict";
import { join } from "node:path";
import { it } from "node:test";
import { type ExecutionOutcome, type ExecutionRequest, STATUS } from "@demec/protocol/execution";
import { type CompiledModule, V8Engine } from "@demec/wasm";
import { isBuilt, WasmtimeEngine } from "@demec/wasmtime";
import { request } from "../../packages/wasm/src/testing/request.ts";
import { Chromium, type Compilers, EXECUTOR_WORKER, skipChromium } from "../support/chromium.ts";
import { outcomeOrRefusal, showEnd } from "./pageCalls.ts";

/** Why tests of the Wasmtime engine are skipped, or false. */
export const skip = isBuilt() ? false : "the Wasmtime engine is not built (pnpm build:wasmtime)";

const v8 = new V8Engine();
const wasmtime = isBuilt() ? new WasmtimeEngine() : undefined;

/** What a module was asked, and how it ended. */
interface Ran {
  readonly module: Uint8Array;
  readonly calls: ExecutionRequest[];
  readonly ends: string[];
  readonly mayExhaustStack: boolean;
}
/** All of the current file. */
const ran: Ran[] = [];
/** Modules that a page is given at once. */
const BATCH = 250;

/** One module on both engines. */
export class Both {
  private readonly engines: readonly CompiledModule[];
  private readonly ran: Ran;

  private constructor(engines: readonly CompiledModule[], module: Uint8Array, mayExhaustStack: boolean) {
    this.engines = engines;
    this.ran = { module, calls: [], ends: [], mayExhaustStack };
    ran.push(this.ran);
  }

  /** @param mayExhaustStack an optimising compiler may need more native stack for it than a browser's worker has: a fault */
  static async compile(module: Uint8Array, mayExhaustStack = false): Promise<Both> {
    return new Both([await v8.compile(module), await wasmtime!.compile(module)], module, mayExhaustStack);
  }

  /** Outcome of a call, after asserting that it is the same on both, or the code of the refusal. */
  run(call: ExecutionRequest): ExecutionOutcome | string {
    const [first, second] = this.engines.map((engine) => outcomeOrRefusal(engine, call));
    assert.deepEqual(second, first);
    this.ran.calls.push(call);
    this.ran.ends.push(showEnd(first!));
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

/** A page that runs calls through the executor of browsers, whose workers are workers of its worker. */
export function openCalls(chromium: Chromium) {
  return chromium.open<typeof import("./pageCalls.ts")>(join(import.meta.dirname, "pageCalls.ts"), EXECUTOR_WORKER);
}

/** All that ran on both engines so far ends in Chromium as it did there, under each of V8's compilers alone. The last tests of a file. */
export function repeatInChromium(): void {
  for (const compilers of ["baseline", "optimising"] as const) {
    it(
      `do the same in Chromium, through the executor of browsers, compilers: ${compilers}`,
      { skip: skipChromium },
      () => repeat(compilers),
    );
  }
}

async function repeat(compilers: Compilers): Promise<void> {
  assert.ok(ran.some(({ calls }) => calls.length > 0));
  await using chromium = await Chromium.launch(compilers);
  for (let at = 0; at < ran.length; at += BATCH) {
    const batch = ran.slice(at, at + BATCH);
    await using page = await openCalls(chromium);
    const ends = await page.call(
      "runAll",
      batch.map(({ module, calls }) => ({ module, calls })),
    );
    for (const [i, expected] of batch.entries()) {
      const isFault = (end: string) => expected.mayExhaustStack && end === "executor/host-failure";
      const actual = ends[i]!.map((end, at) => (isFault(end) ? expected.ends[at] : end));
      assert.deepEqual(actual, expected.ends);
    }
  }
}
