/**
 * The child process: reads calls from descriptor 0, runs them one at a time, writes what became of them to
 * descriptor 1. It holds nothing but modules and the call at hand. Reading blocks, which is the fastest way to wait;
 * between batches V8 gets its turn for chores.
 */
import { readSync, writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { DemecError } from "@demec/protocol/errors";
import type { ExecutionRequest } from "@demec/protocol/execution";
import type { CompiledModule, Engine } from "../engine.ts";
import { V8Engine } from "../v8/engine.ts";
import type { CallStreams } from "../wasi/streams.ts";
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

/**
 * Descriptor 3 is a pipe that nobody writes to: it ends when the parent does, whatever keeps this thread busy. The first
 * process of a namespace can't kill itself: there the sandbox ends with the parent.
 */
const LIFELINE = `
  const { readSync } = require("node:fs");
  try { readSync(3, Buffer.alloc(1)); } catch {}
  process.kill(process.pid, "SIGKILL");
`;

let engine: Engine;
const modules = new Map<number, CompiledModule>();
const frames = new FrameBuffer(0xffff_ffff);
/** Input of a streamed call that the parent may send ahead. */
const WINDOW_BYTES = 1 << 19;

async function serve(): Promise<void> {
  new Worker(LIFELINE, {
    eval: true,
    env: {},
    // Or Node makes descriptor 1 a stream, which does not block any more.
    stdout: true,
    stderr: true,
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  });
  enableBranchHinting();
  const entry = process.argv[2];
  engine = entry === undefined ? new V8Engine() : ((await import(entry)) as EngineEntry).createEngine();
  write(encodeReady());
  for (;;) {
    receive();
    for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
      // No await unless it must be: a turn of the microtask queue costs as much as a small call.
      const answer = handle(frame);
      if (answer !== undefined) write(answer instanceof Promise ? await answer : answer);
    }
    await new Promise(setImmediate);
  }
}

/** Waits for more from the parent. */
function receive(): void {
  const bytes = readSync(0, frames.space(1 << 16));
  if (bytes === 0) process.exit();
  frames.commit(bytes);
}

function handle(bytes: Buffer): Buffer | Promise<Buffer> | undefined {
  const frame = new FrameCursor(bytes);
  switch (frame.u8()) {
    case TO_CHILD.load:
      return load(frame.u32(), frame.rest());
    case TO_CHILD.run:
      return run(frame, undefined);
    case TO_CHILD.runStreamed:
      return run(frame, new ParentStreams());
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
    if (this.used > 0) write(encodePull(this.used));
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
    write(encodeOutput(bytes));
  }
}

async function load(moduleId: number, bytes: Uint8Array): Promise<Buffer> {
  try {
    const module = await engine.compile(bytes);
    modules.set(moduleId, module);
    return encodeLoaded(module.info);
  } catch (error) {
    return encodeRefused(error);
  }
}

function run(frame: FrameCursor, streams: CallStreams | undefined): Buffer {
  try {
    const { moduleId, deadlineAt, request } = decodeRun(frame);
    const module = modules.get(moduleId);
    if (module === undefined) {
      throw new DemecError("executor/unknown-module", `Module ${moduleId} is not loaded in this process.`);
    }
    const leftMs = Math.ceil(deadlineAt - Date.now());
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

function write(bytes: Buffer): void {
  for (let from = 0; from < bytes.length; ) from += writeSync(1, bytes, from);
}

try {
  await serve();
} catch {
  // Leaving in an orderly way would wait for the lifeline.
  process.abort();
}
