/**
 * The child process: reads calls from descriptor 0, runs them one at a time, writes what became of them to
 * descriptor 1. It holds nothing but modules and the call at hand. Reading blocks, which is the fastest way to wait;
 * between batches V8 gets its turn for chores.
 */
import { readSync, writeSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { DemecError } from "@demec/protocol/errors";
import type { CompiledModule, Engine } from "../engine.ts";
import { V8Engine } from "../v8/engine.ts";
import type { EngineEntry } from "./engineModule.ts";
import { FrameBuffer, FrameCursor } from "./frames.ts";
import { decodeRun, encodeLoaded, encodeOutcome, encodeReady, encodeRefused, TO_CHILD } from "./ipc.ts";

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

async function serve(): Promise<void> {
  new Worker(LIFELINE, {
    eval: true,
    env: {},
    resourceLimits: { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 1 },
  });
  const entry = process.argv[2];
  engine = entry === undefined ? new V8Engine() : ((await import(entry)) as EngineEntry).createEngine();
  write(encodeReady());
  for (;;) {
    const bytes = readSync(0, frames.space(1 << 16));
    if (bytes === 0) process.exit();
    frames.commit(bytes);
    for (let frame = frames.next(); frame !== undefined; frame = frames.next()) {
      // No await unless it must be: a turn of the microtask queue costs as much as a small call.
      const answer = handle(frame);
      if (answer !== undefined) write(answer instanceof Promise ? await answer : answer);
    }
    await new Promise(setImmediate);
  }
}

function handle(bytes: Buffer): Buffer | Promise<Buffer> | undefined {
  const frame = new FrameCursor(bytes);
  switch (frame.u8()) {
    case TO_CHILD.load:
      return load(frame.u32(), frame.rest());
    case TO_CHILD.run:
      return run(frame);
    case TO_CHILD.drop:
      modules.delete(frame.u32());
  }
  return undefined;
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

function run(frame: FrameCursor): Buffer {
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
    const outcome = module.run(request, leftMs);
    return encodeOutcome(outcome, performance.now() - start);
  } catch (error) {
    return encodeRefused(error);
  }
}

function write(bytes: Buffer): void {
  for (let from = 0; from < bytes.length; ) from += writeSync(1, bytes, from);
}

await serve();
