import type { ModuleInfo } from "../engine.ts";
import { MODULE_LIMITS } from "../meter/limits.ts";

/** Up to this size clearing a memory costs less than making a new one, with its page faults and its collection. */
const MAX_PAGES = 16;
/** V8 keeps a list of the instances that ever used a memory: it is not to grow without bound. */
const MAX_USES = 1000;
const PAGE_BYTES = 65_536;

export interface MemoryLimits {
  /** Pages that a host gives one call at most: one that needs more is a fault, whatever its own limit. */
  readonly maxPages: number;
  /**
   * Modules that keep their memory between calls. V8 reserves 10 GiB of addresses for each, of the 128 TiB of a process, or of
   * the 1 TiB that Chromium has for all workers of a site.
   */
  readonly keptMemories: number;
}

export const NODE_LIMITS: MemoryLimits = { maxPages: MODULE_LIMITS.memoryPages, keptMemories: 256 };

/** The memories that one module's invocations get, one after the other: all zero, of the module's initial size. */
export class MemoryPool {
  private readonly initial: number;
  private readonly maximum: number;
  private readonly kept: KeptMemories;
  private memory: WebAssembly.Memory | undefined;
  private uses = 0;

  constructor({ initialPages, declaredMaximumPages }: ModuleInfo, kept: KeptMemories) {
    this.kept = kept;
    this.initial = initialPages;
    this.maximum = Math.min(declaredMaximumPages ?? MODULE_LIMITS.memoryPages, kept.limits.maxPages);
  }

  /** A memory for one invocation. It must be over before the next one is taken. @throws RangeError where the host has none */
  take(): WebAssembly.Memory {
    this.kept.touch(this);
    const { initial, maximum } = this;
    const isUsable = this.memory?.buffer.byteLength === initial * PAGE_BYTES && this.uses < MAX_USES;
    if (isUsable && initial <= MAX_PAGES) {
      this.uses++;
      // Cleared before use rather than after: whatever way the last invocation ended, nothing of it is left.
      new Uint8Array(this.memory!.buffer).fill(0);
      return this.memory!;
    }
    this.memory = new WebAssembly.Memory({ initial, maximum });
    this.uses = 1;
    return this.memory;
  }

  /** The next invocation gets a new one. */
  release(): void {
    this.memory = undefined;
  }
}

/** Lets the modules that were used last keep their memories. */
export class KeptMemories {
  readonly limits: MemoryLimits;
  private readonly pools = new Set<MemoryPool>();
  private last: MemoryPool | undefined;

  constructor(limits: MemoryLimits) {
    this.limits = limits;
  }

  touch(pool: MemoryPool): void {
    if (pool === this.last) return;
    this.last = pool;
    this.pools.delete(pool);
    this.pools.add(pool);
    if (this.pools.size <= this.limits.keptMemories) return;
    const [oldest] = this.pools;
    this.pools.delete(oldest!);
    oldest!.release();
  }
}
