import { DemecError } from "@demec/protocol/errors";
import type { ExecutionOutcome, ExecutionRequest } from "@demec/protocol/execution";
import type { CompiledModule, Engine, ModuleInfo } from "../engine.ts";
import { METER_IMPORTS } from "../meter/limits.ts";
import { meter } from "../meter/meter.ts";
import { assertRunnable } from "../runnable.ts";
import { wasiImports } from "../wasi/functions.ts";
import type { WasiHost } from "../wasi/host.ts";
import { WASI_MODULE } from "../wasi/signatures.ts";
import type { CallStreams } from "../wasi/streams.ts";
import { Invocation } from "./invocation.ts";
import { KeptMemories, MemoryPool, NODE_LIMITS } from "./memoryPool.ts";

/** The engine that is embedded in Node and Chromium. */
export class V8Engine implements Engine {
  readonly name = "v8";
  private readonly memories = new KeptMemories(NODE_LIMITS);

  async compile(module: Uint8Array): Promise<CompiledModule> {
    const { compiled, info } = await compileMetered(module);
    return new V8Module(compiled, info, this.memories);
  }
}

/** In the place of a memory, where there is none. */
const NO_MEMORY = undefined as unknown as WebAssembly.Memory;

/** A metered module as V8 has it: workers of a browser share one. */
export interface MeteredCode {
  readonly compiled: WebAssembly.Module;
  readonly info: ModuleInfo;
}

/** @throws wasm/… as `meter` does; executor/host-failure */
export async function compileMetered(module: Uint8Array): Promise<MeteredCode> {
  const { bytes, info } = meter(module, { importMemory: true });
  try {
    // Not `new WebAssembly.Module`: browsers refuse that on their main thread for all but small modules.
    return { compiled: await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>), info };
  } catch (cause) {
    throw new DemecError("executor/host-failure", "V8 does not compile the metered module.", { cause });
  }
}

export class V8Module implements CompiledModule {
  readonly info: ModuleInfo;
  private readonly module: WebAssembly.Module;
  private readonly memories: MemoryPool;
  /** One object serves every invocation, one after the other: making host functions costs more than a small call. */
  private readonly imports: WebAssembly.Imports;
  private readonly meterImports: { [name: string]: WebAssembly.Memory } = {};
  private host: WasiHost | undefined;

  /** @param memories shared by all modules here */
  constructor(module: WebAssembly.Module, info: ModuleInfo, memories: KeptMemories) {
    this.module = module;
    this.info = info;
    this.memories = new MemoryPool(info, memories);
    this.imports = { [METER_IMPORTS.module]: this.meterImports };
    const usesWasi = WebAssembly.Module.imports(module).some((item) => item.module === WASI_MODULE);
    if (usesWasi) this.imports[WASI_MODULE] = wasiImports(() => this.host!);
  }

  run(request: ExecutionRequest): ExecutionOutcome {
    return this.invoke(request);
  }

  runStreamed(request: ExecutionRequest, _deadlineMs: number, streams: CallStreams): ExecutionOutcome {
    return this.invoke(request, streams);
  }

  private invoke(request: ExecutionRequest, streams?: CallStreams): ExecutionOutcome {
    assertRunnable(this.info, request);
    const invocation = new Invocation(this.info, request, streams);
    this.host = invocation.host;
    try {
      return invocation.run(() => {
        this.meterImports[METER_IMPORTS.memory] = this.memories.take();
        return new WebAssembly.Instance(this.module, this.imports);
      });
    } finally {
      this.host = undefined;
      // Or a memory that is not kept could not be collected.
      this.meterImports[METER_IMPORTS.memory] = NO_MEMORY;
    }
  }
}
