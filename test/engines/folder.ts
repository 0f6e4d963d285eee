/**
 * Compares V8 and Wasmtime on every module of a folder: `node test/engines/folder.ts FOLDER [FUEL]`. Every exported function
 * is called once with so much fuel; results, traps, counters, globals and memory must agree. The modules import nothing.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { isDemecError } from "@demec/protocol/errors";
import { play } from "./player.ts";
import { recordCalls } from "./recorder.ts";
import type { Recording } from "./recording.ts";

const BATCH = 100;

export interface Comparison {
  readonly modules: number;
  /** Calls that were made. */
  readonly calls: number;
  /** Calls by how they ended: `ok` or a status' number. */
  readonly ends: Readonly<Record<string, number>>;
  /** Modules that the meter refuses, on every engine alike. */
  readonly refused: number;
}

/** @throws where a module behaves differently */
export function compareModules(modules: Iterable<Uint8Array>, fuel: bigint): Comparison {
  const ends: Record<string, number> = {};
  const total = { modules: 0, calls: 0, refused: 0 };
  let batch: Recording[] = [];
  const flush = () => {
    if (batch.length > 0) play(batch);
    batch = [];
  };
  for (const module of modules) {
    total.modules++;
    try {
      batch.push(recordCalls(module, fuel));
    } catch (error) {
      if (!isDemecError(error)) throw error;
      total.refused++;
      continue;
    }
    for (const line of batch.at(-1)!.lines) {
      if (!/^[RTB]/.test(line)) continue;
      const end = line[0] === "R" ? "ok" : line.slice(2);
      ends[end] = (ends[end] ?? 0) + 1;
      total.calls++;
    }
    if (batch.length === BATCH) flush();
  }
  flush();
  return { ...total, ends };
}

export function* modulesOf(folder: string): Iterable<Uint8Array> {
  for (const name of readdirSync(folder).sort()) {
    if (name.endsWith(".wasm")) yield new Uint8Array(readFileSync(join(folder, name)));
  }
}

if (process.argv[1] === import.meta.filename) {
  const [folder, fuel = "1000000"] = process.argv.slice(2);
  if (folder === undefined) throw new Error("which folder?");
  console.log(JSON.stringify(compareModules(modulesOf(folder), BigInt(fuel))));
}
