/**
 * The child process: reads calls from descriptor 0, runs them one at a time, writes what became of them to
 * descriptor 1. It holds nothing but modules and the call at hand. Reading blocks, which is the fastest way to wait;
 * between batches V8 gets its turn for chores.
 */
import { readSync } from "node:fs";
import { DemecError } from "@demec/protocol/errors";
import type { ExecutionRequest } from "@demec/protocol/execution";
import type { CompiledModule, Engine } from "../engine.ts";
import { V8Engine } from "../v8/engine.ts";
import type { CallStreams } from "../wasi/streams.ts";
import { Answers } from "./answers.ts";
import { enableBranchHinting } from "./branchHinting.ts";
import type { EngineEntry } from "./engineModule.ts";
import { FrameBuffer, FrameCursor } from "./frames.ts";
import {
  decodeRun,
  encodeLoaded,
  encodeOutcome,
  encodeOutput,
  encodePull,
  encodeReady,
  encodeRefused,
  TO_CHILD,
} from "./ipc.ts";
import { machineMs } from "./machineClock.ts";

let engine: Engine;
const modules = new Map<number, CompiledModule>();
const frames = new FrameBuffer(0xffff_ffff);
const answers = new Answers();
/** Input of a streamed call that the parent may send ahead. */
const WINDOW_BYTES = 1 << 19;

async function serve(): Promise<void> {
  enableBranchHinting();
  const entry = process.argv[2];
  engine = entry === undefined ? new V8Engine() : ((await import(entry)) as EngineEntry).createEngine();
  answers.send(encodeReady());
  for (;;) {
    receive();
    for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
      // No await unless it must be: a turn of the microtask queue costs as much as a small call.
      const work = handle(frame);
      if (work !== undefined) await work;
    }
    answers.flush();
    await new Promise(setImmediate);
  }
}

/** Waits for more from the parent. */
function receive(): void {
  const bytes = readSync(0, frames.space(1 << 16));
  if (bytes === 0) process.exit();
  frames.commit(bytes);
}

function handle(bytes: Buffer): Promise<void> | undefined {
  const frame = new FrameCursor(bytes);
  switch (frame.u8()) {
    case TO_CHILD.load:
      return load(frame.u32(), frame.rest());
    case TO_CHILD.run:
      answers.hold(run(frame, undefined), performance.now());
      return undefined;
    case TO_CHILD.runStreamed:
      answers.flush();
      answers.send(run(frame, new ParentStreams()));
      return undefined;
    case TO_CHILD.drop:
      modules.delete(frame.u32());
  }
  // Input of a call that has ended before it came.
  return undefined;
}

/** Streams of the running call, by way of the parent: reading and writing block, and so does the program. */
class ParentStreams implements CallStreams {
  /** Input that the parent was not told to replace yet. */
  private used = WINDOW_BYTES;

  nextInput(): Uint8Array | undefined {
    if (this.used > 0) answers.send(encodePull(this.used));
    for (;;) {
      const frame = frames.next();
      if (frame === undefined) receive();
      else if (frame[0] === TO_CHILD.input) {
        this.used = frame.length - 1;
        return this.used === 0 ? undefined : frame.subarray(1);
      } else handle(frame);
    }
  }

  writeOutput(bytes: Uint8Array): void {
    answers.send(encodeOutput(bytes));
  }
}

async function load(moduleId: number, bytes: Uint8Array): Promise<void> {
  answers.flush();
  try {
    const module = await engine.compile(bytes);
    modules.set(moduleId, module);
    answers.send(encodeLoaded(module.info));
  } catch (error) {
    answers.send(encodeRefused(error));
  }
}

function run(frame: FrameCursor, streams: CallStreams | undefined): Buffer {
  try {
    const { moduleId, deadlineAt, request } = decodeRun(frame);
    const module = modules.get(moduleId);
    if (module === undefined) {
      throw new DemecError("executor/unknown-module", `Module ${moduleId} is not loaded in this process.`);
    }
    const leftMs = Math.ceil(deadlineAt - machineMs());
    if (leftMs <= 0) {
      throw new DemecError("executor/deadline", "The call's time was over before its turn came.");
    }
    const start = performance.now();
    const outcome = streams === undefined ? module.run(request, leftMs) : runStreamed(module, request, leftMs, streams);
    return encodeOutcome(outcome, performance.now() - start);
  } catch (error) {
    return encodeRefused(error);
  }
}

function runStreamed(module: CompiledModule, request: ExecutionRequest, leftMs: number, streams: CallStreams) {
  if (module.runStreamed === undefined) {
    throw new DemecError("executor/no-streaming", `The engine ${engine.name} does not stream.`);
  }
  // Its seed and its files are views of the buffer that input is read into.
  const seed = Uint8Array.from(request.seed);
  const files = request.files.map(({ path, bytes }) => ({ path, bytes: Uint8Array.from(bytes) }));
  return module.runStreamed({ ...request, seed, files }, leftMs, streams);
}

try {
  await serve();
} catch {
  // Leaving in an orderly way would wait for the lifeline.
  process.abort();
}
