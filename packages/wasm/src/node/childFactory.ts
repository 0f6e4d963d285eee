import { childCommand } from "./childCommand.ts";
import { ExecutorChild } from "./childProcess.ts";
import { ControlGroup, findHierarchy } from "./controlGroups.ts";
import type { EngineModule } from "./engineModule.ts";
import type { ChildCommand, Launcher } from "./launcher.ts";

const HEAP_MEGABYTES = 512;
/** A call runs on one; compilers and collectors beside it share the other. */
const CPUS = 2;

/** Starts children, each in a control group of its own where one can be made. */
export class ChildFactory {
  private readonly launcher: Launcher;
  private readonly command: ChildCommand;
  private readonly stopsItself: boolean;
  private readonly maxRssBytes: number;
  private readonly hierarchy = findHierarchy();

  /** @param engine undefined: V8 */
  constructor(
    { launcher, maxRssBytes }: { launcher: Launcher; maxRssBytes: number },
    engine: EngineModule | undefined,
  ) {
    this.launcher = launcher;
    this.maxRssBytes = maxRssBytes;
    this.command = childCommand(HEAP_MEGABYTES, engine);
    this.stopsItself = engine?.stopsItself ?? false;
  }

  /** What keeps a child's memory within its limit. */
  get memoryLimit(): string {
    return this.hierarchy === undefined ? "watched" : `cgroup v${this.hierarchy.version}`;
  }

  readonly start = (): ExecutorChild => new ExecutorChild(this.launcher, this.command, this.stopsItself, this.group());

  private group(): ControlGroup | undefined {
    if (this.hierarchy === undefined) return undefined;
    try {
      return new ControlGroup(this.hierarchy, { memoryBytes: this.maxRssBytes, cpus: CPUS });
    } catch {
      // Gone since it was tried: the child is watched all the same.
      return undefined;
    }
  }
}
