// What became of the mutants that were tried, over all runs, and which survivors docs/audit/mutation.md explains.
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Mutant } from "./mutants.ts";
import { ROOT } from "./outcome.ts";

const EXPLANATIONS = join(ROOT, "docs/audit/mutation.md");

/** "invalid": it doesn't compile. */
export type Fate = "killed" | "survived" | "timeout" | "invalid";

/** Names of mutants that stay when lines move; the same change twice in one function is told apart by its order. */
export function named(mutants: readonly Mutant[]): Map<string, Mutant> {
  const names = new Map<string, Mutant>();
  for (const mutant of mutants) {
    for (let n = 1; ; n++) {
      const name = n === 1 ? describe(mutant) : `${describe(mutant)} (${n})`;
      if (names.has(name)) continue;
      names.set(name, mutant);
      break;
    }
  }
  return names;
}

/** One line, as the explanations name it. */
export function describe({ file, inside, operator, before, after }: Mutant): string {
  const short = (text: string) => text.replace(/;$/, "").replace(/\s+/g, " ").slice(0, 60);
  const change = operator.startsWith("remove") ? short(before) : `${short(before)} → ${short(after) || "nothing"}`;
  return `${file.replace(/^contracts\//, "")} ${inside || "constants"}: ${operator}: ${change}`;
}

export class MutationReport {
  readonly #path: string;
  readonly #fates = new Map<string, Fate>();

  /** @param names of all mutants of the present sources: what was tried of others is forgotten */
  constructor(path: string, names: ReadonlyMap<string, Mutant>) {
    this.#path = path;
    if (!existsSync(path)) return;
    for (const [name, fate] of Object.entries(JSON.parse(readFileSync(path, "utf8")) as Record<string, Fate>)) {
      if (names.has(name)) this.#fates.set(name, fate);
    }
  }

  add(name: string, fate: Fate): void {
    this.#fates.set(name, fate);
    writeFileSync(this.#path, `${JSON.stringify(Object.fromEntries(this.#fates), null, 1)}\n`);
  }

  has(name: string): boolean {
    return this.#fates.has(name);
  }

  get survivors(): string[] {
    return [...this.#fates].filter(([, fate]) => fate === "survived").map(([name]) => name);
  }

  /** Of all that compiled: how many there are, were killed, and survive without an explanation. */
  get totals(): { tried: number; killed: number; equivalent: number; unexplained: string[] } {
    const explained = explanations();
    const fates = [...this.#fates].filter(([, fate]) => fate !== "invalid");
    const survivors = this.survivors;
    return {
      tried: fates.length,
      killed: fates.length - survivors.length,
      equivalent: survivors.filter((name) => explained.has(name)).length,
      unexplained: survivors.filter((name) => !explained.has(name)),
    };
  }
}

/** Mutants that mutation.md calls equivalent: the first column of its table. */
function explanations(): Set<string> {
  if (!existsSync(EXPLANATIONS)) return new Set();
  // A bar in a name would end the column.
  return new Set(
    [...readFileSync(EXPLANATIONS, "utf8").matchAll(/^\| `([^`]+)` +\|/gm)].map(([, n]) => n!.replaceAll("\\|", "|")),
  );
}
