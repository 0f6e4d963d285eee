import { availableParallelism } from "node:os";
import { DemecError, type ExecutionRequest, STATUS, sha256, type Tariff } from "@demec/protocol";
import { CALIBRATION_KERNELS } from "@demec/wasm";
import { Executor } from "@demec/wasm/node";
import { wasmtimeModule } from "@demec/wasmtime";
import { type Measurements, tariffOf, type WorkMeasurement } from "../calibration/tariff.ts";
import { type EnergyMeter, raplMeter, statedMeter } from "./energyMeter.ts";

export interface CalibrateOptions {
  /** What the whole machine draws when all its cores are busy; goes before what RAPL says. */
  readonly watts?: number | undefined;
  /** How long each of the four classes is measured; 3 by default. */
  readonly secondsPerClass?: number;
  /** Calls at once; one per core by default. */
  readonly lanes?: number;
}

export interface Calibration {
  readonly engine: string;
  /** `RAPL`, or the watts that were stated. */
  readonly energySource: string;
  readonly lanes: number;
  readonly measurements: Measurements;
  readonly tariff: Tariff;
}

/** An ordinary call: what its frames cost is part of what its bytes cost. */
const ECHO_BYTES = 1 << 14;
/** Long enough that the call itself doesn't count, short enough that lanes end together. */
const CALL_MS = 100;
const PROBE_TURNS = 1_000_000;

/**
 * Measures what this machine's work takes, under the engine and the sandbox that would run it for buyers, and says the tariff
 * that prices work at its energy (`tariffOf`). All lanes are busy while it measures: stop what else the machine does.
 * @throws provider/no-power when no power is stated and no counter of energy can be read
 */
export async function calibrate(options: CalibrateOptions = {}): Promise<Calibration> {
  const { watts, secondsPerClass = 3, lanes = availableParallelism() } = options;
  const meter = watts === undefined ? raplMeter() : statedMeter(watts);
  if (meter === undefined) {
    throw new DemecError("provider/no-power", "No counter of energy (RAPL) can be read, and no power is stated.");
  }
  const executor = new Executor({ engine: wasmtimeModule(), lanes });
  try {
    const bench = new Bench(executor, lanes, secondsPerClass, meter);
    const measurements = {
      integer: await bench.turning("integer"),
      memory: await bench.turning("memory"),
      float: await bench.turning("float"),
      bytes: await bench.echoing(),
    };
    const { engine } = executor.status();
    return { engine, energySource: meter.source, lanes, measurements, tariff: tariffOf(measurements) };
  } finally {
    await executor.close();
  }
}

type KernelName = keyof typeof CALIBRATION_KERNELS;

class Bench {
  readonly #executor: Executor;
  readonly #lanes: number;
  readonly #seconds: number;
  readonly #meter: EnergyMeter;

  constructor(executor: Executor, lanes: number, seconds: number, meter: EnergyMeter) {
    this.#executor = executor;
    this.#lanes = lanes;
    this.#seconds = seconds;
    this.#meter = meter;
  }

  /** Of a kernel that takes its number of turns, as many of them as a call should last. */
  async turning(name: KernelName): Promise<WorkMeasurement> {
    const hash = await this.#load(name);
    // The first calls may run on a compiler that only bridges the time until the better one is done.
    let turns = PROBE_TURNS;
    for (let warming = 0; warming < 5; warming++) {
      const { durationMs } = await this.#run(hash, turnsInput(turns));
      turns = Math.min(2 ** 31, Math.max(1, Math.round((turns * CALL_MS) / Math.max(durationMs, 0.01))));
    }
    return this.#measure(hash, turnsInput(turns));
  }

  async echoing(): Promise<WorkMeasurement> {
    const hash = await this.#load("echo");
    const input = new Uint8Array(ECHO_BYTES).fill(1);
    for (let warming = 0; warming < 20; warming++) await this.#run(hash, input);
    return this.#measure(hash, input);
  }

  async #load(name: KernelName): Promise<Uint8Array> {
    const module = CALIBRATION_KERNELS[name];
    const hash = sha256(module);
    await this.#executor.load(hash, module);
    return hash;
  }

  async #run(moduleHash: Uint8Array, input: Uint8Array) {
    const request: ExecutionRequest = {
      ...{ shape: "reactor", input, args: [], env: [], files: [] },
      ...{ envSalt: new Uint8Array(32), clockNs: 0n, seed: new Uint8Array(32) },
      limits: { bitOps: 2n ** 50n, floatOps: 2n ** 50n, memoryPages: 256, outputBytes: 2 * ECHO_BYTES },
    };
    const outcome = await this.#executor.run({ moduleHash, request, deadlineMs: 10_000, tenant: "calibration" });
    if (outcome.status !== STATUS.ok) throw new Error(`A kernel of calibration ended with status ${outcome.status}.`);
    return outcome;
  }

  async #measure(hash: Uint8Array, input: Uint8Array): Promise<WorkMeasurement> {
    const work = { bitOps: 0n, floatOps: 0n, bytes: 0n };
    const start = performance.now();
    const joulesBefore = this.#meter.joules();
    const end = start + this.#seconds * 1000;
    const lane = async () => {
      do {
        const { bitOps, floatOps, output } = await this.#run(hash, input);
        work.bitOps += bitOps;
        work.floatOps += floatOps;
        work.bytes += BigInt(input.length + output.length);
      } while (performance.now() < end);
    };
    // Two calls for each lane: the next one waits while one runs.
    await Promise.all(Array.from({ length: 2 * this.#lanes }, lane));
    const joules = this.#meter.joules() - joulesBefore;
    return { ...work, joules, seconds: (performance.now() - start) / 1000 };
  }
}

const turnsInput = (turns: number) => new Uint8Array(Uint32Array.of(turns).buffer);
