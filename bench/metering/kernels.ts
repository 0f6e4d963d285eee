import { execFile } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import type { Workload } from "./overhead.ts";

const BENCH = join(dirname(fileURLToPath(import.meta.url)), "..");
const SIZES: readonly (readonly [name: string, size: number])[] = [
  ["fib", 30],
  ["sieve", 2_000_000],
  ["quicksort", 300_000],
  ["matmul", 200],
  ["saxpy", 3_000],
  ["saxpySimd", 10_000],
  ["mandelbrot", 300],
  ["nbody", 40_000],
  ["sha256", 20_000],
];

/** Small programs, each of one kind of work (`bench/kernels/assembly`), compiled now. */
export async function kernelWorkloads(): Promise<Workload[]> {
  const output = join(BENCH, "kernels/build/kernels.wasm");
  mkdirSync(dirname(output), { recursive: true });
  const asc = join(dirname(fileURLToPath(import.meta.resolve("assemblyscript/asc"))), "../bin/asc.js");
  const flags = ["--optimizeLevel", "3", "--shrinkLevel", "0", "--converge", "--runtime", "incremental"];
  const args = [asc, "kernels/assembly/index.ts", "--outFile", output, ...flags, "--use", "abort=", "--enable", "simd"];
  await promisify(execFile)(process.execPath, args, { cwd: BENCH });
  const module = new Uint8Array(readFileSync(output));
  return SIZES.map(([name, size]) => ({
    name,
    module,
    async start(instantiate) {
      const { exports } = instantiate();
      const kernel = exports[name] as (size: number) => number;
      return () => kernel(size);
    },
  }));
}
