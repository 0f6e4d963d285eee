import assert from "node:assert/strict";
import { type ExecutionOutcome, type ExecutionRequest, STATUS, statusName } from "@demec/protocol/execution";
import { V8Engine } from "../v8/engine.ts";
import { request } from "./request.ts";

/** An `Engine`, or one that runs in another process. */
interface OtherEngine {
  readonly name: string;
  compile(module: Uint8Array): Promise<{ run(call: ExecutionRequest): ExecutionOutcome | Promise<ExecutionOutcome> }>;
}

const engine = new V8Engine();
/** With DEMEC_ENGINE, the file: URL of what exports `createEngine`, every run is made on that engine as well. */
const otherEntry = process.env.DEMEC_ENGINE;
const other: OtherEngine | undefined = otherEntry === undefined ? undefined : (await import(otherEntry)).createEngine();

/** Meters, compiles and runs a module. */
export async function run(module: Uint8Array, call: ExecutionRequest = request()): Promise<ExecutionOutcome> {
  const outcome = (await engine.compile(module)).run(call);
  if (other !== undefined) {
    const otherOutcome = await (await other.compile(module)).run(call);
    assert.deepEqual(otherOutcome, outcome, `${other.name} differs`);
  }
  return outcome;
}

/** Name of the status a module ends with. */
export async function statusOf(module: Uint8Array, call?: ExecutionRequest): Promise<string | undefined> {
  return statusName((await run(module, call)).status);
}

/** Output of a run that must succeed, as little-endian hex words of `bytes` each, most significant digit first. */
export async function words(module: Uint8Array, bytes: number, call?: ExecutionRequest): Promise<string[]> {
  const outcome = await run(module, call);
  assert.equal(statusName(outcome.status), statusName(STATUS.ok));
  const hex: string[] = [];
  for (let at = 0; at < outcome.output.length; at += bytes) {
    hex.push(
      Buffer.from(outcome.output.subarray(at, at + bytes))
        .reverse()
        .toString("hex"),
    );
  }
  return hex;
}
