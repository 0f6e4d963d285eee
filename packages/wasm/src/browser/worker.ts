/**
 * The worker: runs calls one at a time and says what became of them. It holds nothing but modules and the call at hand, and
 * all that strangers' code can reach from it is the host functions that the engine gives it.
 */
import { DemecError, isDemecError } from "@demec/protocol/errors";
import type { ExecutionRequest } from "@demec/protocol/execution";
import { compileMetered, V8Module } from "../v8/engine.ts";
import { KeptMemories } from "../v8/memoryPool.ts";
import type { CallStreams } from "../wasi/streams.ts";
import { compact, epochMs, type FromWorker, type ToWorker } from "./messages.ts";

type Run = Extract<ToWorker, { type: "run" }>;

/** The part of a worker's global scope that is used; TypeScript knows a page's only. */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<ToWorker>) => void;
  postMessage(message: FromWorker): void;
};
/** Seventeen workers (eight lanes, as many additional ones, a spare) with one more each in use take less than 1 TiB. */
const KEPT_MEMORIES = 4;
const NOTHING = new Uint8Array(0);
const modules = new Map<number, V8Module>();
let memories: KeptMemories;
/** Messages behind a module that is being compiled; undefined: none is. */
let waiting: ToWorker[] | undefined;

async function receive(message: ToWorker): Promise<void> {
  if (waiting !== undefined) {
    waiting.push(message);
    return;
  }
  if (message.type !== "load") {
    handle(message);
    return;
  }
  waiting = [];
  await load(message.moduleId, message.bytes);
  const messages = waiting;
  waiting = undefined;
  for (const next of messages) void receive(next);
}

function handle(message: Exclude<ToWorker, { type: "load" }>): void {
  switch (message.type) {
    case "begin":
      memories = new KeptMemories({ maxPages: message.maxMemoryPages, keptMemories: KEPT_MEMORIES });
      scope.postMessage({ type: "ready" });
      break;
    case "adopt": {
      const { compiled, info } = message.code;
      modules.set(message.moduleId, new V8Module(compiled, info, memories));
      scope.postMessage({ type: "loaded", info, code: undefined });
      break;
    }
    case "run":
      scope.postMessage(run(message));
      break;
    case "drop":
      modules.delete(message.moduleId);
  }
}

async function load(moduleId: number, bytes: Uint8Array): Promise<void> {
  try {
    const code = await compileMetered(bytes);
    modules.set(moduleId, new V8Module(code.compiled, code.info, memories));
    scope.postMessage({ type: "loaded", info: code.info, code });
  } catch (error) {
    scope.postMessage(refusalOf(error));
  }
}

function run({ moduleId, deadlineAt, request, isStreamed }: Run): FromWorker {
  try {
    const module = modules.get(moduleId);
    if (module === undefined) {
      throw new DemecError("executor/unknown-module", `Module ${moduleId} is not loaded in this worker.`);
    }
    const start = performance.now();
    const leftMs = Math.ceil(deadlineAt - epochMs(start));
    if (leftMs <= 0) throw new DemecError("executor/deadline", "The call's time was over before its turn came.");
    const outcome = isStreamed ? runStreamed(module, request, leftMs) : module.run(request);
    const { output, stderr } = outcome;
    const durationMs = performance.now() - start;
    return { type: "outcome", outcome: { ...outcome, output: compact(output), stderr: compact(stderr), durationMs } };
  } catch (error) {
    return refusalOf(error);
  }
}

/** A worker can't wait for messages while it runs a program: the input is here whole, the output leaves at once. */
function runStreamed(module: V8Module, request: ExecutionRequest, leftMs: number) {
  let input: Uint8Array | undefined = request.input;
  const streams: CallStreams = {
    nextInput() {
      const next = input;
      if (next !== undefined) scope.postMessage({ type: "pull", bytes: Math.max(1, next.length) });
      input = undefined;
      return next?.length === 0 ? undefined : next;
    },
    writeOutput: (bytes) => scope.postMessage({ type: "output", bytes: compact(bytes) }),
  };
  return module.runStreamed({ ...request, input: NOTHING }, leftMs, streams);
}

/** Anything that is no DemecError is the host's failure. */
function refusalOf(error: unknown): FromWorker {
  const known = isDemecError(error)
    ? error
    : new DemecError("executor/host-failure", `The executor failed: ${error instanceof Error ? error.stack : error}.`);
  const { code, message, details } = known;
  return { type: "refused", code, what: message.slice(0, message.lastIndexOf(` [${code}]`)), details };
}

scope.onmessage = ({ data }) => void receive(data);
