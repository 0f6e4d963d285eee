import type { ExecutionOutcome, ExecutionRequest } from "@demec/protocol/execution";
import type { CallStreams, CompiledModule, Engine, ModuleInfo } from "@demec/wasm";
import { largestFunctionBytes } from "./functionSizes.ts";

/** A module that ran this often, or this long in all, is worth compiling a second time. */
const WARM_RUNS = 16;
const WARM_MS = 50;
/**
 * Modules beyond these stay where they are: measured, one function of 160 kB can take Cranelift 6 s, of 640 kB a minute,
 * and of 500 kB 2 GB of memory.
 */
const MAX_MODULE_BYTES = 16 << 20;
const MAX_FUNCTION_BYTES = 64 << 10;

/**
 * Two engines as one: a module's first calls run on the one that is ready at once, and while they do the other compiles it
 * aside. Which one a call ran on shows in nothing but time.
 */
export class TieredEngine implements Engine {
  readonly name: string;
  private readonly first: Engine;
  private readonly second: Engine;

  /** @param second its `compile` must leave this thread free */
  constructor(first: Engine, second: Engine) {
    this.first = first;
    this.second = second;
    this.name = second.name;
  }

  async compile(module: Uint8Array): Promise<CompiledModule> {
    const compiled = await this.first.compile(module);
    // Not before: the first engine refuses what is no module, and sizes are read from modules alone.
    const isModest = module.length <= MAX_MODULE_BYTES && largestFunctionBytes(module) <= MAX_FUNCTION_BYTES;
    if (!isModest) return compiled;
    // The caller's bytes may be a view of a buffer that it uses again, of which `slice` would be another view.
    const bytes = Uint8Array.from(module);
    return new TieredModule(compiled, () => this.second.compile(bytes));
  }
}

class TieredModule implements CompiledModule {
  readonly info: ModuleInfo;
  private readonly first: CompiledModule;
  private current: CompiledModule;
  private compileAgain: (() => Promise<CompiledModule>) | undefined;
  private runs = 0;
  private ms = 0;

  constructor(current: CompiledModule, compileAgain: () => Promise<CompiledModule>) {
    this.first = current;
    this.current = current;
    this.info = current.info;
    this.compileAgain = compileAgain;
  }

  run(request: ExecutionRequest, deadlineMs?: number): ExecutionOutcome {
    if (this.compileAgain === undefined) return this.current.run(request, deadlineMs);
    const start = performance.now();
    try {
      return this.current.run(request, deadlineMs);
    } finally {
      this.runs++;
      this.ms += performance.now() - start;
      if (this.runs >= WARM_RUNS || this.ms >= WARM_MS) this.promote(this.compileAgain);
    }
  }

  /** Streams run on the first engine, which can. */
  runStreamed(request: ExecutionRequest, deadlineMs: number, streams: CallStreams): ExecutionOutcome {
    return this.first.runStreamed!(request, deadlineMs, streams);
  }

  private promote(compileAgain: () => Promise<CompiledModule>): void {
    this.compileAgain = undefined;
    compileAgain().then(
      (better) => {
        this.current = better;
      },
      // What the second engine does not compile keeps running on the first.
      () => undefined,
    );
  }
}
