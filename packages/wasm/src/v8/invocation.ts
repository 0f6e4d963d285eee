import { DemecError } from "@demec/protocol/errors";
import { type ExecutionOutcome, type ExecutionRequest, STATUS, type Status } from "@demec/protocol/execution";
import type { ModuleInfo } from "../engine.ts";
import { HOST_DENIED } from "../meter/helpers.ts";
import { METER_EXPORTS } from "../meter/limits.ts";
import { trapStatus } from "./traps.ts";

const NOTHING = new Uint8Array(0);
/** Counters are signed 64-bit: a larger limit than this can't be reached anyway. */
const COUNTER_MAX = 2n ** 63n - 1n;

/** A deterministic end other than a return or a trap, thrown by host functions through the program. */
export class Ended {
  readonly status: Status;
  readonly exitCode: number;
  constructor(status: Status, exitCode = 0) {
    this.status = status;
    this.exitCode = exitCode;
  }
}

interface ReactorExports {
  alloc(length: number): number;
  handle(pointer: number, length: number): bigint;
}

/** One call in an instance of its own. */
export class Invocation {
  private readonly module: WebAssembly.Module;
  private readonly info: ModuleInfo;
  private readonly request: ExecutionRequest;
  private readonly bitLimit: bigint;
  private readonly floatLimit: bigint;
  private exports: WebAssembly.Exports | undefined;
  private output = NOTHING;
  private stderr = NOTHING;

  constructor(module: WebAssembly.Module, info: ModuleInfo, request: ExecutionRequest) {
    this.module = module;
    this.info = info;
    this.request = request;
    const { limits } = request;
    this.bitLimit = limits.bitOps < COUNTER_MAX ? limits.bitOps : COUNTER_MAX;
    this.floatLimit = limits.floatOps < COUNTER_MAX ? limits.floatOps : COUNTER_MAX;
  }

  run(): ExecutionOutcome {
    // Instantiating has a fixed price that is due before it happens.
    if (this.info.instantiationBitOps > this.bitLimit) return this.outcome(STATUS.outOfFuel, 0, this.bitLimit, 0n);
    let ended: Ended;
    try {
      ended = this.execute();
    } catch (error) {
      ended = this.endOf(error);
    }
    const bitOps = this.bitLimit - this.counter(METER_EXPORTS.bitOps, this.bitLimit - this.info.instantiationBitOps);
    const floatOps = this.floatLimit - this.counter(METER_EXPORTS.floatOps, this.floatLimit);
    // Between two checks work may run over a limit; whatever else happened then, the limit came first.
    if (bitOps > this.bitLimit || floatOps > this.floatLimit) {
      return this.outcome(STATUS.outOfFuel, 0, min(bitOps, this.bitLimit), min(floatOps, this.floatLimit));
    }
    return this.outcome(ended.status, ended.exitCode, bitOps, floatOps);
  }

  private outcome(status: Status, exitCode: number, bitOps: bigint, floatOps: bigint): ExecutionOutcome {
    const output = status === STATUS.ok || status === STATUS.exitCode ? this.output : NOTHING;
    return { status, exitCode, output, stderr: this.stderr, bitOps, floatOps };
  }

  private execute(): Ended {
    const { exports } = new WebAssembly.Instance(this.module, {});
    this.exports = exports;
    this.global(METER_EXPORTS.bitOps)!.value = this.bitLimit - this.info.instantiationBitOps;
    this.global(METER_EXPORTS.floatOps)!.value = this.floatLimit;
    const pages = this.global(METER_EXPORTS.pages);
    if (pages) {
      pages.value = Math.min(this.request.limits.memoryPages, this.info.maximumPages) - this.info.initialPages;
    }
    for (const initialiser of [METER_EXPORTS.start, "_initialize"]) {
      const start = exports[initialiser];
      if (typeof start === "function") start();
    }
    return this.react(exports as unknown as ReactorExports);
  }

  private react(exports: ReactorExports): Ended {
    const { input, limits } = this.request;
    const at = exports.alloc(input.length) >>> 0;
    const memory = this.memory();
    if (at + input.length > memory.length) return new Ended(STATUS.invalidResult);
    memory.set(input, at);
    const packed = BigInt.asUintN(64, exports.handle(at, input.length));
    const start = Number(packed >> 32n);
    const length = Number(packed & 0xffff_ffffn);
    const after = this.memory();
    if (start + length > after.length) return new Ended(STATUS.invalidResult);
    if (length > limits.outputBytes) return new Ended(STATUS.outputLimitExceeded);
    this.output = after.slice(start, start + length);
    return new Ended(STATUS.ok);
  }

  /** @throws executor/host-failure when the error is not the program's */
  private endOf(error: unknown): Ended {
    if (error instanceof Ended) return error;
    const stack = Number(this.global(METER_EXPORTS.stack)?.value ?? 0);
    const status = trapStatus(error);
    if (status === undefined || stack === HOST_DENIED) {
      throw new DemecError("executor/host-failure", `The host failed the program: ${error}.`, { cause: error });
    }
    return new Ended(stack < 0 ? STATUS.stackOverflow : status);
  }

  private memory(): Uint8Array<ArrayBuffer> {
    return new Uint8Array((this.exports!.memory as WebAssembly.Memory).buffer as ArrayBuffer);
  }

  private global(name: string): WebAssembly.Global | undefined {
    return this.exports?.[name] as WebAssembly.Global | undefined;
  }

  private counter(name: string, initial: bigint): bigint {
    return (this.global(name)?.value as bigint | undefined) ?? initial;
  }
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
