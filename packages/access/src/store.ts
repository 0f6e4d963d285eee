/** What a gate must not forget: revocations, what was used up, what was counted. Names are the gate's. */
export interface AccessStore {
  /** Marks a name, to be forgotten at a time (unix seconds) at the earliest; durable once it resolves. False: it was marked. */
  mark(name: string, until: number): Promise<boolean>;
  isMarked(name: string): boolean;
  /** Counts one more under every name, or, where one has reached its bound, under none and gives that name. */
  count(bounds: readonly { readonly name: string; readonly most: number; readonly until: number }[]): string | null;
}

/** How many names are kept before those whose time is over are looked for. */
const SWEEP_AT = 4_096;

/** Lives as long as the process: a restart lets used tokens in again and forgets revocations. */
export class MemoryAccessStore implements AccessStore {
  readonly #marks = new Map<string, number>();
  readonly #counts = new Map<string, { count: number; until: number }>();
  readonly #now: () => number;
  #sweepAt = SWEEP_AT;

  /** @param now unix seconds */
  constructor(now: () => number = () => Date.now() / 1000) {
    this.#now = now;
  }

  async mark(name: string, until: number): Promise<boolean> {
    if (this.#marks.has(name)) return false;
    this.#marks.set(name, until);
    this.#sweep();
    return true;
  }

  isMarked(name: string): boolean {
    return this.#marks.has(name);
  }

  count(bounds: readonly { readonly name: string; readonly most: number; readonly until: number }[]): string | null {
    const full = bounds.find(({ name, most }) => this.countOf(name) >= most);
    if (full !== undefined) return full.name;
    for (const { name, until } of bounds) {
      this.#counts.set(name, { count: this.countOf(name) + 1, until });
    }
    this.#sweep();
    return null;
  }

  /** How often a name was counted. */
  countOf(name: string): number {
    return this.#counts.get(name)?.count ?? 0;
  }

  /** Takes up what an earlier store had counted. */
  restore(name: string, count: number, until: number): void {
    this.#counts.set(name, { count, until });
  }

  #sweep(): void {
    if (this.#marks.size + this.#counts.size < this.#sweepAt) return;
    const now = this.#now();
    for (const [name, until] of this.#marks) if (until < now) this.#marks.delete(name);
    for (const [name, { until }] of this.#counts) if (until < now) this.#counts.delete(name);
    this.#sweepAt = Math.max(SWEEP_AT, 2 * (this.#marks.size + this.#counts.size));
  }
}
