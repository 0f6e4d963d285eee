import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "@demec/protocol/testing";
import type { SpawnedProvider } from "../support/localMarket.ts";

/** Who can be killed at any moment. */
export interface Killable {
  readonly name: string;
  /** kill −9. @returns what starts it again with the same data, however often that must be tried */
  kill(): Promise<() => Promise<void>>;
}

/** A provider, started again as a supervisor would: until it runs, though the chain may be down meanwhile. */
export class SteadyProvider implements Killable {
  readonly name: string;
  /** Folder of its journal. */
  readonly journal: string;
  #now: SpawnedProvider;
  readonly #start: SpawnedProvider["again"];

  constructor(name: string, provider: SpawnedProvider, dataDir: string) {
    this.name = name;
    this.journal = join(dataDir, "provider", provider.owner.address, "journal");
    this.#now = provider;
    this.#start = provider.again;
  }

  get owner() {
    return this.#now.owner;
  }
  get pid(): number {
    return this.#now.process.child.pid!;
  }
  get process() {
    return this.#now.process;
  }

  async kill() {
    await this.#now.process.kill("SIGKILL");
    return async () => {
      this.#now = await until("the provider runs again", () => this.#start().catch(() => sleep(500, null)), 120_000);
    };
  }
}

/** What runs strangers' code for a provider: the last of its line, whether or not a sandbox stands between. */
export function executorOf(provider: SteadyProvider): Killable {
  return {
    name: `an executor child of ${provider.name}`,
    async kill() {
      const child = await until("it has a child", () => lastDescendant(provider.pid), 60_000);
      process.kill(child, "SIGKILL");
      return async () => {};
    },
  };
}

function lastDescendant(pid: number): number | null {
  const children = new Map<number, number[]>();
  for (const line of execFileSync("ps", ["-A", "-o", "pid=,ppid="]).toString().trim().split("\n")) {
    const [child, parent] = line.trim().split(/\s+/).map(Number) as [number, number];
    children.set(parent, [...(children.get(parent) ?? []), child]);
  }
  let last = pid;
  for (let next = children.get(last); next !== undefined; next = children.get(last)) last = next[0]!;
  return last === pid ? null : last;
}
