import { DemecError } from "@demec/protocol/errors";
import type { ExecutionOutcome, ExecutionRequest } from "@demec/protocol/execution";
import type { CompiledModule, Engine, ModuleInfo } from "../engine.ts";
import { meter } from "../meter/meter.ts";
import { assertRunnable } from "../runnable.ts";
import { wasiImports } from "../wasi/functions.ts";
import type { WasiHost } from "../wasi/host.ts";
import { WASI_MODULE } from "../wasi/signatures.ts";
import { Invocation } from "./invocation.ts";

/** The engine that is embedded in Node and Chromium. */
export class V8Engine implements Engine {
  readonly name = "v8";

  async compile(module: Uint8Array): Promise<CompiledModule> {
    const { bytes, info } = meter(module);
    try {
      // Not `new WebAssembly.Module`: browsers refuse that on their main thread for all but small modules.
      return new V8Module(await WebAssembly.compile(bytes as Uint8Array<ArrayBuffer>), info);
    } catch (cause) {
      throw new DemecError("executor/host-failure", "V8 does not compile the metered module.", { cause });
    }
  }
}

class V8Module implements CompiledModule {
  readonly info: ModuleInfo;
  private readonly module: WebAssembly.Module;
  private readonly imports: WebAssembly.Imports;
  private host: WasiHost | undefined;

  constructor(module: WebAssembly.Module, info: ModuleInfo) {
    this.module = module;
    this.info = info;
    const usesWasi = WebAssembly.Module.imports(module).length > 0;
    // One import object serves every invocation, one after the other: making its functions costs more than a small call.
    this.imports = usesWasi ? { [WASI_MODULE]: wasiImports(() => this.host!) } : {};
  }

  run(request: ExecutionRequest): ExecutionOutcome {
    assertRunnable(this.info, request);
    const invocation = new Invocation(this.info, request);
    this.host = invocation.host;
    try {
      return invocation.run(this.module, this.imports);
    } finally {
      this.host = undefined;
    }
  }
}
