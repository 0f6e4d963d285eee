import type { Child } from "./child.ts";
import type { KnownModule } from "./job.ts";

/** What loading its modules may cost a spare: one that takes over before it is through must not be late. */
const PRELOAD_MS = 100;

/** Keeps one child ready, with the modules used last, so that a replacement costs no start-up time. */
export class ChildPool {
  private readonly start: () => Child;
  private readonly recentModules: () => Iterable<KnownModule>;
  private preloadMs = 0;
  private spare: Child | undefined;
  private isClosed = false;

  /** @param recentModules those used last first */
  constructor(start: () => Child, recentModules: () => Iterable<KnownModule>) {
    this.start = start;
    this.recentModules = recentModules;
  }

  /** The spare, or a new child where there is none. */
  next(): Child {
    const { spare } = this;
    if (spare === undefined) return this.start();
    this.spare = undefined;
    setTimeout(() => this.refill(), 0);
    return spare.hasExited ? this.start() : spare;
  }

  /** Starts a spare. */
  private refill(): void {
    if (this.isClosed || this.spare !== undefined) return;
    this.spare = this.start();
    this.preloadMs = 0;
    for (const module of this.recentModules()) this.warm(module);
  }

  /** Has the spare load a module, if that is cheap enough; starts a spare where there is none yet. */
  warm(module: KnownModule): void {
    if (this.spare === undefined) {
      this.refill();
      return;
    }
    if (this.spare.loaded.has(module.id) || this.preloadMs + module.loadMs > PRELOAD_MS) return;
    this.preloadMs += module.loadMs;
    this.spare.preload(module);
  }

  /** Makes the spare forget a module. */
  drop(moduleId: number): void {
    this.spare?.drop(moduleId);
  }

  /** Ends the spare and `children`, and waits for them. */
  async close(children: readonly Child[]): Promise<void> {
    this.isClosed = true;
    const all = this.spare === undefined ? children : [...children, this.spare];
    await Promise.all(all.map(ended));
  }
}

function ended(child: Child): Promise<void> {
  child.kill("closed");
  return child.gone;
}
