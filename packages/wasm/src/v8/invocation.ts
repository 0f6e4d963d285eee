import { DemecError } from "@demec/protocol/errors";
import { type ExecutionOutcome, type ExecutionRequest, STATUS } from "@demec/protocol/execution";
import type { ModuleInfo } from "../engine.ts";
import { workLeft } from "../meter/counters.ts";
import { HOST_DENIED } from "../meter/helpers.ts";
import { METER_EXPORTS, MODULE_LIMITS } from "../meter/limits.ts";
import { plantingBitOps } from "../wasi/fileTree.ts";
import { GuestMemory } from "../wasi/guestMemory.ts";
import { Ended, WasiHost } from "../wasi/host.ts";
import type { CallStreams } from "../wasi/streams.ts";
import { trapStatus } from "./traps.ts";

const NOTHING = new Uint8Array(0);
/** Counters are signed 64-bit: a larger limit than this can't be reached anyway. */
const COUNTER_MAX = 2n ** 63n - 1n;

interface CommandExports {
  _start(): void;
}
interface ReactorExports {
  _initialize?(): void;
  alloc(length: number): number;
  handle(pointer: number, length: number): bigint;
}

/** One call in an instance of its own. */
export class Invocation {
  readonly host: WasiHost;
  private readonly info: ModuleInfo;
  private readonly request: ExecutionRequest;
  private readonly bitLimit: bigint;
  private readonly floatLimit: bigint;
  /** Integer work of making the instance, with the request's files. */
  private readonly startBitOps: bigint;
  private exports: WebAssembly.Exports | undefined;
  private result: Uint8Array | undefined;

  constructor(info: ModuleInfo, request: ExecutionRequest, streams?: CallStreams) {
    this.info = info;
    this.request = request;
    this.host = new WasiHost(request, (bitOps) => this.charge(bitOps), streams);
    this.bitLimit = min(request.limits.bitOps, COUNTER_MAX);
    const { files } = request;
    this.startBitOps = info.instantiationBitOps + (files.length === 0 ? 0n : plantingBitOps(files));
    this.floatLimit = min(request.limits.floatOps, COUNTER_MAX);
  }

  /**
   * @param instantiate makes the instance that this call gets for itself
   * @throws executor/host-failure
   */
  run(instantiate: () => WebAssembly.Instance): ExecutionOutcome {
    // Instantiating has a fixed price that is due before it happens.
    if (this.startBitOps > this.bitLimit) return this.outcome(new Ended(STATUS.outOfFuel), this.bitLimit, 0n);
    let ended: Ended;
    try {
      ended = this.execute(instantiate);
    } catch (error) {
      ended = this.endOf(error);
    }
    const left = this.exports && workLeft(this.exports);
    const bitOps = left ? this.bitLimit - left.bitOps : this.startBitOps;
    const floatOps = left ? this.floatLimit - left.floatOps : 0n;
    // Between two checks work may run over a limit; whatever else happened then, the limit came first.
    const isOver = bitOps > this.bitLimit || floatOps > this.floatLimit;
    if (isOver) ended = new Ended(STATUS.outOfFuel);
    return this.outcome(ended, min(bitOps, this.bitLimit), min(floatOps, this.floatLimit));
  }

  private outcome({ status, exitCode }: Ended, bitOps: bigint, floatOps: bigint): ExecutionOutcome {
    const hasOutput = status === STATUS.ok || status === STATUS.exitCode;
    // Asked for in any case: a stream's end has yet to be passed on.
    const stdout = this.host.output();
    const output = hasOutput ? (this.result ?? stdout) : NOTHING;
    return { status, exitCode, output, stderr: this.host.errors(), bitOps, floatOps };
  }

  private execute(instantiate: () => WebAssembly.Instance): Ended {
    const { exports } = instantiate();
    this.exports = exports;
    this.host.memory = new GuestMemory(exports.memory as WebAssembly.Memory);
    this.global(METER_EXPORTS.bitOps)!.value = this.bitLimit - this.startBitOps;
    this.global(METER_EXPORTS.floatOps)!.value = this.floatLimit;
    const pages = this.global(METER_EXPORTS.pages);
    if (pages) {
      const { initialPages, declaredMaximumPages = MODULE_LIMITS.memoryPages } = this.info;
      pages.value = Math.min(this.request.limits.memoryPages, declaredMaximumPages) - initialPages;
    }
    const start = exports[METER_EXPORTS.start] as (() => void) | undefined;
    start?.();
    if (this.request.shape === "reactor") return this.react(exports as unknown as ReactorExports);
    (exports as unknown as CommandExports)._start();
    return new Ended(STATUS.ok);
  }

  private react(exports: ReactorExports): Ended {
    const { input, limits } = this.request;
    if (this.info.hasInitialiser) exports._initialize!();
    const at = exports.alloc(input.length) >>> 0;
    const memory = this.memory();
    if (at + input.length > memory.length) return new Ended(STATUS.invalidResult);
    memory.set(input, at);
    const packed = BigInt.asUintN(64, exports.handle(at, input.length));
    const start = Number(packed >> 32n);
    const length = Number(packed & 0xffff_ffffn);
    const after = this.memory();
    if (start + length > after.length) return new Ended(STATUS.invalidResult);
    if (length + this.host.written > limits.outputBytes) return new Ended(STATUS.outputLimitExceeded);
    this.result = after.slice(start, start + length);
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

  /** Takes host work off the meter. @throws Ended when nothing is left */
  private charge(bitOps: number): void {
    const counter = this.global(METER_EXPORTS.bitOps)!;
    counter.value = (counter.value as bigint) - BigInt(bitOps);
    if (workLeft(this.exports!)!.bitOps < 0n) throw new Ended(STATUS.outOfFuel);
  }

  private memory(): Uint8Array<ArrayBuffer> {
    return new Uint8Array((this.exports!.memory as WebAssembly.Memory).buffer as ArrayBuffer);
  }

  private global(name: string): WebAssembly.Global | undefined {
    return this.exports?.[name] as WebAssembly.Global | undefined;
  }
}

function min(a: bigint, b: bigint): bigint {
  return a < b ? a : b;
}
