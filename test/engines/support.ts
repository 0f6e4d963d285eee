import assert from "node:assert/strict";
import { join } from "node:path";
import { type ExecutionOutcome, type ExecutionRequest, STATUS } from "@demec/protocol/execution";
import { type CompiledModule, V8Engine } from "@demec/wasm";
import { isBuilt, WasmtimeEngine } from "@demec/wasmtime";
import { request } from "../../packages/wasm/src/testing/request.ts";
import { Chromium } from "../support/chromium.ts";
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
}
/** All of the current file. */
const ran: Ran[] = [];
/** Modules that a page is given at once. */
const BATCH = 250;

/** One module on both engines. */
export class Both {
  private readonly engines: readonly CompiledModule[];
  private readonly ran: Ran;

  private constructor(engines: readonly CompiledModule[], module: Uint8Array) {
    this.engines = engines;
    this.ran = { module, calls: [], ends: [] };
    ran.push(this.ran);
  }

  static async compile(module: Uint8Array): Promise<Both> {
    return new Both([await v8.compile(module), await wasmtime!.compile(module)], module);
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

/** All that ran on both engines so far ends in Chromium as it did there. The last test of a file. */
export async function repeatInChromium(): Promise<void> {
  assert.ok(ran.some(({ calls }) => calls.length > 0));
  await using chromium = await Chromium.launch();
  for (let at = 0; at < ran.length; at += BATCH) {
    const batch = ran.slice(at, at + BATCH);
    await using page = await chromium.open<typeof import("./pageCalls.ts")>(join(import.meta.dirname, "pageCalls.ts"));
    const ends = await page.call(
      "runAll",
      batch.map(({ module, calls }) => ({ module, calls })),
    );
    for (const [i, expected] of batch.entries()) assert.deepEqual(ends[i], expected.ends);
  }
}
