import type { ModuleInfo } from "../engine.ts";

/** Up to this size clearing a memory costs less than making a new one, with its page faults and its collection. */
const MAX_PAGES = 16;
/** V8 keeps a list of the instances that ever used a memory: it is not to grow without bound. */
const MAX_USES = 1000;
const PAGE_BYTES = 65_536;

/** The memories that one module's invocations get, one after the other: all zero, of the module's initial size. */
export class MemoryPool {
  private readonly info: ModuleInfo;
  private memory: WebAssembly.Memory | undefined;
  private uses = 0;

  constructor(info: ModuleInfo) {
    this.info = info;
  }

  /** A memory for one invocation. It must be over before the next one is taken. */
  take(): WebAssembly.Memory {
    const { initialPages, declaredMaximumPages } = this.info;
    const isUsable = this.memory?.buffer.byteLength === initialPages * PAGE_BYTES && this.uses < MAX_USES;
    if (isUsable && initialPages <= MAX_PAGES) {
      this.uses++;
      // Cleared before use rather than after: whatever way the last invocation ended, nothing of it is left.
      new Uint8Array(this.memory!.buffer).fill(0);
      return this.memory!;
    }
    const maximum = declaredMaximumPages === undefined ? {} : { maximum: declaredMaximumPages };
    this.memory = new WebAssembly.Memory({ initial: initialPages, ...maximum });
    this.uses = 1;
    return this.memory;
  }
}
