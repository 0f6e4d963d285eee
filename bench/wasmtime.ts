/**
 * Figures of the Wasmtime engine, each a ratio within one run: what our meter costs on Wasmtime against Wasmtime's own fuel
 * (`wasmtimeMeterVsFuel`, below 1: ours is cheaper; both without epochs, as the executor runs programs, and both with) and
 * against no meter at all. They stand in bench/results/wasm.json beside those of bench/wasm.ts. Needs `pnpm build:wasmtime`.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { sha256 } from "../packages/protocol/src/sha256.node.ts";
import { METER_EXPORTS } from "../packages/wasm/src/meter/limits.ts";
import { instrumentModule } from "../packages/wasm/src/meter/meter.ts";
import { Executor } from "../packages/wasm/src/node/executor.ts";
import { request } from "../packages/wasm/src/testing/request.ts";
import { reactor } from "../packages/wasm/src/testing/wat.ts";
import { wasmtimeModule } from "../packages/wasmtime/src/index.ts";
import { against, type Figure, geometricMean, median, report, round } from "./figures.ts";
import { kernelWorkloads } from "./metering/kernels.ts";

const BENCH = join(import.meta.dirname, "../packages/wasmtime/target/release/demec-wasmtime-bench");
const TURNS = 21;
/** As bench/metering/kernels.ts has them. */
const SIZES = {
  fib: 30,
  sieve: 2_000_000,
  quicksort: 300_000,
  matmul: 200,
  saxpy: 3_000,
  saxpySimd: 10_000,
  mandelbrot: 300,
  nbody: 40_000,
  sha256: 20_000,
};

/** Median milliseconds of user CPU. */
interface Times {
  readonly plain: number;
  readonly metered: number;
  readonly fuel: number;
  readonly meteredWithEpochs: number;
  readonly fuelWithEpochs: number;
}

async function kernelTimes(): Promise<Record<string, Times>> {
  const { module } = (await kernelWorkloads())[0]!;
  const folder = mkdtempSync(join(tmpdir(), "demec-bench-"));
  try {
    const [plain, metered] = [join(folder, "plain.wasm"), join(folder, "metered.wasm")];
    writeFileSync(plain, module);
    writeFileSync(metered, instrumentModule(module));
    const globals = [METER_EXPORTS.bitOps, METER_EXPORTS.floatOps, METER_EXPORTS.pages];
    const kernels = Object.entries(SIZES).map(([name, size]) => `${name}=${size}`);
    const { stdout } = await promisify(execFile)(BENCH, [plain, metered, String(TURNS), ...globals, ...kernels]);
    const lines = stdout.trim().split("\n");
    return Object.fromEntries(
      lines.map((line) => {
        const [name, ...ms] = line.split(" ");
        const [plain, metered, fuel, meteredWithEpochs, fuelWithEpochs] = ms.map(Number);
        return [name, { plain, metered, fuel, meteredWithEpochs, fuelWithEpochs } as Times];
      }),
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const ECHO = reactor(
  "(i64.or (i64.shl (i64.extend_i32_u (local.get 0)) (i64.const 32)) (i64.extend_i32_u (local.get 1)))",
);

/** Warm invocations a second with 64 in flight, and the median of one at a time, through an executor of one lane. */
async function warm(engine: ReturnType<typeof wasmtimeModule>) {
  const executor = new Executor({ lanes: 1, engine });
  try {
    const moduleHash = sha256(ECHO);
    await executor.load(moduleHash, ECHO);
    const call = request({ input: new Uint8Array(256) });
    const run = () => executor.run({ moduleHash, request: call, deadlineMs: 10_000, tenant: "bench" });
    const latenciesUs: number[] = [];
    for (let i = 0; i < 12_000; i++) {
      const start = performance.now();
      await run();
      if (i >= 2_000) latenciesUs.push((performance.now() - start) * 1000);
    }
    const perSecond: number[] = [];
    for (let turn = 0; turn < 6; turn++) {
      let left = 10_000;
      const start = performance.now();
      const worker = async () => {
        while (left-- > 0) await run();
      };
      await Promise.all(Array.from({ length: 64 }, worker));
      perSecond.push(10_000 / ((performance.now() - start) / 1000));
    }
    return { perSecond: Math.round(median(perSecond)), p50Us: round(median(latenciesUs), 1) };
  } finally {
    await executor.close();
  }
}

const engine = wasmtimeModule();
if (engine === undefined || !existsSync(BENCH)) {
  console.error("The Wasmtime engine is not built, so it has no figures: run pnpm build:wasmtime.");
  process.exit(process.env.REQUIRE_ALL === "1" ? 1 : 0);
}
const times = await kernelTimes();
const ratios = (of: (times: Times) => number) =>
  Object.fromEntries(Object.entries(times).map(([name, each]) => [name, round(of(each))]));
const vsFuel = ratios(({ metered, fuel }) => metered / fuel);
const vsPlain = ratios(({ metered, plain }) => metered / plain);
const geomean = (of: (times: Times) => number) => round(geometricMean(Object.values(times).map(of)));
const v8 = await warm(undefined);
const wasmtime = await warm(engine);
const toUnmetered = { unit: "metered/unmetered", target: null };
const perKernel = (prefix: string, unit: string, values: Readonly<Record<string, number>>): Figure[] =>
  Object.entries(values).map(([name, value]) => ({ name: `${prefix}.${name}`, value, unit, target: null }));
report("wasm", [
  {
    name: "wasmtimeMeterVsFuel",
    value: geomean(({ metered, fuel }) => metered / fuel),
    unit: "our meter/Wasmtime's fuel",
    target: 1,
  },
  ...perKernel("wasmtimeMeterVsFuel", "our meter/Wasmtime's fuel", vsFuel),
  {
    name: "wasmtimeMeterVsFuelBothWithEpochs",
    value: geomean(({ meteredWithEpochs, fuelWithEpochs }) => meteredWithEpochs / fuelWithEpochs),
    unit: "our meter/Wasmtime's fuel",
    target: null,
  },
  {
    ...toUnmetered,
    name: "meteringOverheadGeomeanWasmtime",
    value: geomean(({ metered, plain }) => metered / plain),
  },
  ...perKernel("meteringOverheadWasmtime", toUnmetered.unit, vsPlain),
  { ...toUnmetered, name: "fuelOverheadGeomeanWasmtime", value: geomean(({ fuel, plain }) => fuel / plain) },
  {
    name: "epochCostGeomeanWasmtime",
    value: geomean(({ meteredWithEpochs, metered }) => meteredWithEpochs / metered),
    unit: "with/without epochs",
    target: null,
  },
  against(
    { name: "warmInvocationsPerSecondWasmtime", value: wasmtime.perSecond, unit: "1/s", target: null },
    "V8",
    v8.perSecond,
  ),
  against({ name: "warmSequentialP50UsWasmtime", value: wasmtime.p50Us, unit: "µs", target: null }, "V8", v8.p50Us),
]);
