/**
 * Limits that the kernel of Linux keeps: memory and processor time of one child by a control group of its own, of version
 * 1 or 2, below this process's. Where such groups can't be made (no right to, or a version 2 group that holds processes and
 * was not delegated), children are watched instead.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

export interface GroupLimits {
  readonly memoryBytes: number;
  /** Processors' worth of time. */
  readonly cpus: number;
}

const ROOT = "/sys/fs/cgroup";
const PERIOD_US = 100_000;
/** `demec-`, pid of the executor's process, running number. */
const NAME = /^demec-(\d+)-\d+$/;
/** A group can be removed a little after its last process has ended. */
const REMOVAL_TRIES = 50;
const REMOVAL_WAIT_MS = 20;

/** File of a limit, and what stands in it; a limit that can't be written and is not `required` is left out. */
type Setting = readonly [file: string, value: string, required: boolean];

/** One version's layout: the folders under which groups are made, and what limits are called there. */
interface Hierarchy {
  readonly version: 1 | 2;
  readonly folders: readonly string[];
  settings(limits: GroupLimits): readonly Setting[];
  /** File that counts processes killed for want of memory. */
  readonly killsFile: string;
}

let groups = 0;

/** The group of one child. */
export class ControlGroup {
  private readonly folders: readonly string[];
  private readonly killsFile: string;

  /** @throws what the file system says when it can't be made */
  constructor(hierarchy: Hierarchy, limits: GroupLimits) {
    const name = `demec-${process.pid}-${++groups}`;
    this.folders = hierarchy.folders.map((folder) => join(folder, name));
    this.killsFile = hierarchy.killsFile;
    for (const folder of this.folders) mkdirSync(folder);
    try {
      for (const [file, value, isRequired] of hierarchy.settings(limits)) {
        const folder = this.folders.find((candidate) => existsSync(join(candidate, file)));
        try {
          writeFileSync(join(folder ?? this.folders[0]!, file), value);
        } catch (error) {
          if (isRequired) throw error;
        }
      }
    } catch (error) {
      for (const folder of this.folders) rmdirSync(folder);
      throw error;
    }
  }

  /** Puts a process under the limits; one that has just died is none of its concern. */
  add(pid: number): void {
    for (const folder of this.folders) {
      try {
        writeFileSync(join(folder, "cgroup.procs"), String(pid));
      } catch {}
    }
  }

  /** Whether the kernel ended a process of the group for want of memory. */
  hasKilled(): boolean {
    try {
      return /^oom_kill [1-9]/m.test(readFileSync(join(this.folders[0]!, this.killsFile), "latin1"));
    } catch {
      return false;
    }
  }

  /** To be called when its processes are ending. */
  async remove(): Promise<void> {
    for (const folder of this.folders) {
      for (let i = 0; i < REMOVAL_TRIES && !tryRemove(folder); i++) await sleep(REMOVAL_WAIT_MS);
    }
  }
}

/** Where this process can make groups; undefined: nowhere. Removes groups that executors which were killed left behind. */
export function findHierarchy(): Hierarchy | undefined {
  try {
    const own = readFileSync("/proc/self/cgroup", "latin1");
    const hierarchy = version1(own) ?? version2(own);
    if (hierarchy === undefined) return undefined;
    hierarchy.folders.forEach(removeLeftovers);
    // Whether it may shows by doing it.
    new ControlGroup(hierarchy, { memoryBytes: 2 ** 30, cpus: 1 }).remove();
    return hierarchy;
  } catch {
    return undefined;
  }
}

function version1(own: string): Hierarchy | undefined {
  const folder = (controller: string) => {
    const path = new RegExp(`^\\d+:[^:\\n]*\\b${controller}\\b[^:\\n]*:(.*)$`, "m").exec(own)?.[1];
    if (path === undefined) return undefined;
    // In a container the path may be the host's while the mount starts at the container's group.
    return [join(ROOT, controller, path), join(ROOT, controller)].find((at) => existsSync(join(at, "cgroup.procs")));
  };
  const memory = folder("memory");
  if (memory === undefined) return undefined;
  const cpu = folder("cpu");
  return {
    version: 1,
    folders: cpu === undefined ? [memory] : [memory, cpu],
    settings: ({ memoryBytes, cpus }) => [
      ["memory.limit_in_bytes", String(memoryBytes), true],
      ["memory.memsw.limit_in_bytes", String(memoryBytes), false],
      ["cpu.cfs_period_us", String(PERIOD_US), false],
      ["cpu.cfs_quota_us", String(Math.round(cpus * PERIOD_US)), false],
    ],
    killsFile: "memory.oom_control",
  };
}

function version2(own: string): Hierarchy | undefined {
  const path = /^0::(.*)$/m.exec(own)?.[1];
  if (path === undefined) return undefined;
  const folder = [join(ROOT, path), ROOT].find((at) => existsSync(join(at, "cgroup.controllers")));
  if (folder === undefined) return undefined;
  // Refused where this group has processes of its own, unless it is the root.
  const control = join(folder, "cgroup.subtree_control");
  if (!/\bmemory\b/.test(readFileSync(control, "latin1"))) writeFileSync(control, "+memory +cpu");
  return {
    version: 2,
    folders: [folder],
    settings: ({ memoryBytes, cpus }) => [
      ["memory.max", String(memoryBytes), true],
      ["memory.swap.max", "0", false],
      ["cpu.max", `${Math.round(cpus * PERIOD_US)} ${PERIOD_US}`, false],
    ],
    killsFile: "memory.events",
  };
}

function removeLeftovers(folder: string): void {
  for (const name of readdirSync(folder)) {
    const pid = Number(NAME.exec(name)?.[1]);
    if (pid > 0 && !existsSync(`/proc/${pid}`)) tryRemove(join(folder, name));
  }
}

function tryRemove(folder: string): boolean {
  try {
    rmdirSync(folder);
    return true;
  } catch {
    return !existsSync(folder);
  }
}
