import { availableParallelism } from "node:os";
import { ModuleExecutor, type SchedulingOptions, type SchedulingStatus } from "../scheduling/moduleExecutor.ts";
import { ChildFactory } from "./childFactory.ts";
import type { EngineModule } from "./engineModule.ts";
import type { Launcher } from "./launcher.ts";
import { bestLauncher } from "./sandbox.ts";

export interface ExecutorOptions extends SchedulingOptions {
  /** Resident memory of one child, in bytes, above which it is killed; 2 GiB by default. Kept by a control group where
   * one can be made, and watched everywhere. */
  readonly maxRssBytes?: number;
  /** What runs the modules; V8 by default. */
  readonly engine?: EngineModule | undefined;
  /** What the machine puts around a child; the strongest sandbox that works here by default. */
  readonly launcher?: Launcher;
}

export interface ExecutorStatus extends SchedulingStatus {
  readonly engine: string;
  /** What the machine puts around a child: `bubblewrap`, or `none: ` and the reason. */
  readonly sandbox: string;
  /** What keeps a child's memory within its limit: `cgroup v1`, `cgroup v2` or `watched`. */
  readonly memoryLimit: string;
  readonly lanes: readonly { readonly pid: number | undefined; readonly rssBytes: number; readonly inFlight: number }[];
}

/** Runs strangers' modules in child processes that hold no keys, under a supervisor that survives them. */
export class Executor extends ModuleExecutor {
  private readonly engineName: string;
  private readonly launcher: Launcher;
  private readonly factory: ChildFactory;

  constructor(options: ExecutorOptions = {}) {
    const { engine, launcher = bestLauncher(), maxRssBytes = 2 ** 31 } = options;
    const factory = new ChildFactory({ launcher, maxRssBytes }, engine);
    super(options, { cores: availableParallelism(), start: factory.start, maxRssBytes });
    this.engineName = engine?.name ?? "v8";
    this.launcher = launcher;
    this.factory = factory;
  }

  status(): ExecutorStatus {
    const lanes = this.lanes().map(({ child, inFlight }) => ({
      pid: child.pid,
      rssBytes: child.rssBytes(),
      inFlight,
    }));
    const { engineName: engine, launcher, factory } = this;
    return { engine, sandbox: launcher.name, memoryLimit: factory.memoryLimit, lanes, ...this.schedulingStatus() };
  }
}
