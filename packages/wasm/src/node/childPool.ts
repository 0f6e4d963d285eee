import { childCommand } from "./childCommand.ts";
import { ExecutorChild } from "./childProcess.ts";
import { ControlGroup, findHierarchy } from "./controlGroups.ts";
import type { EngineModule } from "./engineModule.ts";
import { encodeDrop } from "./ipc.ts";
import type { KnownModule } from "./job.ts";
import type { ChildCommand, Launcher } from "./launcher.ts";

const HEAP_MEGABYTES = 512;
/** A call runs on one; compilers and collectors beside it share the other. */
const CPUS = 2;

/** What loading its modules may cost a spare: one that takes over before it is through must not be late. */
const PRELOAD_MS = 100;

/** Starts children and keeps one ready, with the modules used last, so that a replacement costs no start-up time. */
export class ChildPool {
  private readonly launcher: Launcher;
  private readonly command: ChildCommand;
  private readonly stopsItself: boolean;
  private readonly maxRssBytes: number;
  private readonly recentModules: () => Iterable<KnownModule>;
  private preloadMs = 0;
  private readonly hierarchy = findHierarchy();
  private spare: ExecutorChild | undefined;
  private isClosed = false;

  /**
   * @param engine undefined: V8
   * @param recentModules those used last first
   */
  constructor(
    { launcher, maxRssBytes }: { launcher: Launcher; maxRssBytes: number },
    engine: EngineModule | undefined,
    recentModules: () => Iterable<KnownModule>,
  ) {
    this.maxRssBytes = maxRssBytes;
    this.recentModules = recentModules;
    this.launcher = launcher;
    this.command = childCommand(HEAP_MEGABYTES, engine);
    this.stopsItself = engine?.stopsItself ?? false;
  }

  /** What keeps a child's memory within its limit. */
  get memoryLimit(): string {
    return this.hierarchy === undefined ? "watched" : `cgroup v${this.hierarchy.version}`;
  }

  private start(): ExecutorChild {
    return new ExecutorChild(this.launcher, this.command, this.stopsItself, this.group());
  }

  private group(): ControlGroup | undefined {
    if (this.hierarchy === undefined) return undefined;
    try {
      return new ControlGroup(this.hierarchy, { memoryBytes: this.maxRssBytes, cpus: CPUS });
    } catch {
      // Gone since it was tried: the child is watched all the same.
      return undefined;
    }
  }

  /** The spare, or a new child where there is none. */
  next(): ExecutorChild {
    const { spare } = this;
    if (spare === undefined) return this.start();
    this.spare = undefined;
    setImmediate(() => this.refill());
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
    this.spare.preload(module.id, module.bytes);
  }

  /** Makes the spare forget a module. */
  drop(moduleId: number): void {
    if (this.spare?.loaded.delete(moduleId)) this.spare.send(encodeDrop(moduleId));
  }

  /** Ends the spare and `children`, and waits for them. */
  async close(children: readonly ExecutorChild[]): Promise<void> {
    this.isClosed = true;
    const all = this.spare === undefined ? children : [...children, this.spare];
    await Promise.all(all.map(ended));
  }
}

function ended(child: ExecutorChild): Promise<void> {
  child.kill("closed");
  return child.gone;
}
