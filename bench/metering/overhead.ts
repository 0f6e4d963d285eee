import { METER_EXPORTS } from "../../packages/wasm/src/meter/limits.ts";
import { instrumentModule } from "../../packages/wasm/src/meter/meter.ts";
import { enableBranchHinting } from "../../packages/wasm/src/node/branchHinting.ts";
import { median, round } from "../figures.ts";
import { kernelWorkloads } from "./kernels.ts";
import { realWorkloads } from "./realModules.ts";

/** Something to run again and again inside one instance of a module. */
export interface Workload {
  readonly name: string;
  readonly module: Uint8Array<ArrayBuffer>;
  /** Makes an instance with `instantiate`, which calls for its imports; resolves to one run that returns a checksum. */
  start(instantiate: Instantiate): Promise<() => unknown>;
}

export type Instantiate = (imports?: WebAssembly.Imports) => WebAssembly.Instance;

const PLENTY = 2n ** 62n;

function instantiator(bytes: Uint8Array<ArrayBuffer>): Instantiate {
  return (imports = {}) => {
    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes), imports);
    const { exports } = instance;
    const set = (name: string, value: bigint | number) => {
      const global = exports[name] as WebAssembly.Global | undefined;
      if (global) global.value = value;
    };
    set(METER_EXPORTS.bitOps, PLENTY);
    set(METER_EXPORTS.floatOps, PLENTY);
    set(METER_EXPORTS.pages, 4000);
    (exports[METER_EXPORTS.start] as (() => void) | undefined)?.();
    return instance;
  };
}

const cpuMs = (run: () => unknown) => {
  const before = process.cpuUsage().user;
  run();
  return (process.cpuUsage().user - before) / 1000;
};

/** Metered over original, user CPU, median of interleaved runs: a loaded machine slows both alike. */
async function overheadOf(workload: Workload, rounds: number): Promise<number> {
  const plain = await workload.start(instantiator(workload.module));
  const metered = await workload.start(instantiator(instrumentModule(workload.module) as Uint8Array<ArrayBuffer>));
  // Enough turns for the optimising compiler to have taken over, and time for it to finish.
  for (let i = 0; i < 5; i++) {
    if (plain() !== metered()) throw new Error(`${workload.name} gives another result when metered`);
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  const plainMs: number[] = [];
  const meteredMs: number[] = [];
  for (let i = 0; i < rounds; i++) {
    plainMs.push(cpuMs(plain));
    meteredMs.push(cpuMs(metered));
  }
  return median(meteredMs) / median(plainMs);
}

/** Overhead of every workload, or of those whose names are given. */
export async function overheads(only: readonly string[] = [], rounds = 21): Promise<Record<string, number>> {
  // As the executor does.
  enableBranchHinting();
  const ratios: Record<string, number> = {};
  for (const workload of [...(await kernelWorkloads()), ...realWorkloads()]) {
    if (only.length > 0 && !only.includes(workload.name)) continue;
    ratios[workload.name] = round(await overheadOf(workload, rounds));
  }
  return ratios;
}
