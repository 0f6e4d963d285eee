import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks per second of /proc/…/stat on every Linux that Node runs on (sysconf(_SC_CLK_TCK)). */
const MICROS_PER_TICK = 10_000;

/** CPU time of this process, all its threads together; microseconds. */
export function ownCpuMicros(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

/** CPU time of a process and all that descends from it, those that have ended included; microseconds. Linux only. */
export function treeCpuMicros(root: number): number {
  const children = new Map<number, number[]>();
  const ticksOf = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    const pid = Number(name);
    if (!Number.isInteger(pid)) continue;
    const fields = statFields(pid);
    if (fields === undefined) continue;
    const [, parent, ...rest] = fields;
    // utime, stime, cutime, cstime: fields 14 … 17 of proc(5), where the state is field 3.
    ticksOf.set(
      pid,
      rest.slice(9, 13).reduce((sum, ticks) => sum + ticks!, 0),
    );
    children.set(parent!, [...(children.get(parent!) ?? []), pid]);
  }
  const ticks = (pid: number): number =>
    (children.get(pid) ?? []).reduce((sum, child) => sum + ticks(child), ticksOf.get(pid) ?? 0);
  return ticks(root) * MICROS_PER_TICK;
}

/** Fields of a process from its state on; undefined once it has gone. */
function statFields(pid: number): number[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name before may hold anything, spaces and brackets too.
    return stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .map(Number);
  } catch {
    return undefined;
  }
}
