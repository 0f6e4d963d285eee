import type { Hex } from "@demec/protocol";

/** Time in which what was experienced counts half; milliseconds. */
const HALF_LIFE_MS = 10 * 60_000;

/** What this client experienced with a provider lately: old calls count less and less. */
export interface Experience {
  readonly successes: number;
  /** Calls that it failed to run, and times that it fell silent. */
  readonly faults: number;
}

const NONE: Experience = { successes: 0, faults: 0 };

/** What one client has experienced with providers, by node key. */
export class ProviderHistory {
  readonly #experiences = new Map<Hex, Experience & { readonly atMs: number }>();

  of(nodeKey: Hex, nowMs = performance.now()): Experience {
    const known = this.#experiences.get(nodeKey);
    if (known === undefined) return NONE;
    const weight = 0.5 ** ((nowMs - known.atMs) / HALF_LIFE_MS);
    return { successes: known.successes * weight, faults: known.faults * weight };
  }

  record(nodeKey: Hex, success: boolean, nowMs = performance.now()): void {
    const { successes, faults } = this.of(nodeKey, nowMs);
    const [more, worse] = success ? [1, 0] : [0, 1];
    this.#experiences.set(nodeKey, { successes: successes + more, faults: faults + worse, atMs: nowMs });
  }
}
