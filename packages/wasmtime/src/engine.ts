import { DemecError } from "@demec/protocol/errors";
import type { ExecutionOutcome, ExecutionRequest } from "@demec/protocol/execution";
import { FILE_LIMITS } from "@demec/protocol/files";
import {
  assertRunnable,
  type CompiledModule,
  type Engine,
  HOST_DENIED,
  LENGTH_WEIGHTS,
  METER_EXPORTS,
  MODULE_LIMITS,
  type ModuleInfo,
  meter,
} from "@demec/wasm";
import { HEADER_BYTES, outcomeBytes, readOutcome, writeCall, writeFiles, writeStrings } from "./frame.ts";
import { loadNative, type NativeContract, type NativeEngine, type NativeModule } from "./native.ts";

export interface WasmtimeOptions {
  /**
   * Folder of compiled modules, kept across processes. It must belong to this user alone (mode 0700): what is read back is
   * machine code. None by default.
   */
  readonly cacheFolder?: string;
  /** Bytes of compiled modules kept there; 1 GiB by default. */
  readonly cacheBytes?: number;
  /** Invocations at a time; 16 by default. */
  readonly instances?: number;
  /**
   * Programs end when the deadline of their call is over; true by default. It costs loops a fifth of their speed: whoever
   * runs programs in a process that he can end does without.
   */
  readonly hasBackstop?: boolean;
  /** Compiles on one thread of low priority, where something else runs meanwhile; on all cores by default. */
  readonly compilesAside?: boolean;
}

/** A module compiled by Wasmtime. */
export interface WasmtimeCompiledModule extends CompiledModule {
  /** As `run`, on another thread: for processes that have something else to do meanwhile. */
  runAside(request: ExecutionRequest, deadlineMs?: number): Promise<ExecutionOutcome>;
}

/** What Rust needs to know of the meter and the WASI layer. */
const CONTRACT: NativeContract = {
  workExport: METER_EXPORTS.work,
  bitOpsExport: METER_EXPORTS.bitOps,
  floatOpsExport: METER_EXPORTS.floatOps,
  stackExport: METER_EXPORTS.stack,
  pagesExport: METER_EXPORTS.pages,
  startExport: METER_EXPORTS.start,
  hostDenied: HOST_DENIED,
  opsPerHostCall: LENGTH_WEIGHTS.opsPerHostCall,
  bytesPerOp: LENGTH_WEIGHTS.bytesPerOp,
  opsPerRandomByte: LENGTH_WEIGHTS.opsPerRandomByte,
  opsPerPathByte: LENGTH_WEIGHTS.opsPerPathByte,
  opsPerDirectoryEntry: LENGTH_WEIGHTS.opsPerDirectoryEntry,
  fileNodes: FILE_LIMITS.nodes,
  fileBytes: FILE_LIMITS.bytes,
  filePathBytes: FILE_LIMITS.pathBytes,
  fileNameBytes: FILE_LIMITS.nameBytes,
  descriptors: FILE_LIMITS.descriptors,
  tableElements: MODULE_LIMITS.tableElements,
  tables: MODULE_LIMITS.tables,
};

/** Calls and outcomes up to this size cross in memory that is handed over once. */
const EXCHANGE_BYTES = 1 << 16;

/** The engine of Wasmtime, with an optimising compiler and a wall-clock backstop of its own (docs/engines.md). */
export class WasmtimeEngine implements Engine {
  readonly name = "wasmtime";
  private readonly native: NativeEngine;
  private readonly exchange = new Uint8Array(EXCHANGE_BYTES);

  /** @throws executor/no-engine when the add-on is not built or the cache folder is not private */
  constructor(options: WasmtimeOptions = {}) {
    const { cacheFolder, cacheBytes = 2 ** 30, instances = 16, compilesAside = false, hasBackstop = true } = options;
    try {
      const { NativeEngine } = loadNative();
      const settings = { instances, cacheBytes, compilesAside, hasBackstop };
      const whole = cacheFolder === undefined ? settings : { ...settings, cacheFolder };
      this.native = new NativeEngine(CONTRACT, whole, this.exchange);
    } catch (cause) {
      throw new DemecError("executor/no-engine", `Wasmtime does not start: ${(cause as Error).message}.`, { cause });
    }
  }

  async compile(module: Uint8Array): Promise<WasmtimeCompiledModule> {
    const { bytes, info } = meter(module);
    try {
      const native = await this.native.compile(bytes, {
        isReactor: info.shape === "reactor",
        hasInitialiser: info.hasInitialiser,
        initialPages: info.initialPages,
        maximumPages: info.declaredMaximumPages ?? MODULE_LIMITS.memoryPages,
        instantiationBitOps: Number(info.instantiationBitOps),
      });
      return new WasmtimeModule(native, info, this.exchange);
    } catch (cause) {
      const what = `Wasmtime does not compile the metered module: ${(cause as Error).message}.`;
      throw new DemecError("executor/host-failure", what, { cause });
    }
  }
}

class WasmtimeModule implements WasmtimeCompiledModule {
  readonly info: ModuleInfo;
  private readonly native: NativeModule;
  /** Header and, behind it, what a call brings and leaves; the add-on reads and writes it too. */
  private readonly exchange: Uint8Array;
  private readonly view: DataView;

  constructor(native: NativeModule, info: ModuleInfo, exchange: Uint8Array) {
    this.native = native;
    this.info = info;
    this.exchange = exchange;
    this.view = new DataView(exchange.buffer, 0, HEADER_BYTES);
  }

  run(request: ExecutionRequest, deadlineMs = 0): ExecutionOutcome {
    assertRunnable(this.info, request);
    writeCall(this.view, request, deadlineMs);
    const { input } = request;
    const strings = writeStrings(request);
    const files = writeFiles(request);
    const { exchange } = this;
    if (HEADER_BYTES + input.length + strings.length + files.length > exchange.length) {
      const header = exchange.subarray(0, HEADER_BYTES);
      return readOutcome(this.view, this.native.run(header, input, strings, files));
    }
    exchange.set(input, HEADER_BYTES);
    if (strings.length > 0) exchange.set(strings, HEADER_BYTES + input.length);
    if (files.length > 0) exchange.set(files, HEADER_BYTES + input.length + strings.length);
    const large = this.native.runExchanged(input.length, strings.length, files.length);
    return readOutcome(this.view, large ?? copyOf(exchange, outcomeBytes(this.view)));
  }

  async runAside(request: ExecutionRequest, deadlineMs = 0): Promise<ExecutionOutcome> {
    assertRunnable(this.info, request);
    writeCall(this.view, request, deadlineMs);
    const header = this.exchange.subarray(0, HEADER_BYTES);
    const answer = await this.native.runAside(header, request.input, writeStrings(request), writeFiles(request));
    return readOutcome(
      new DataView(answer.buffer, answer.byteOffset, HEADER_BYTES),
      Uint8Array.from(answer.subarray(HEADER_BYTES)),
    );
  }
}

/** What follows the header, in memory of Node's pool: a small array of its own costs as much as all the rest. */
function copyOf(exchange: Uint8Array, bytes: number): Uint8Array {
  const copy = Buffer.allocUnsafe(bytes);
  copy.set(exchange.subarray(HEADER_BYTES, HEADER_BYTES + bytes));
  return new Uint8Array(copy.buffer, copy.byteOffset, bytes);
}
