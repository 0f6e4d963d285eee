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

interface Tally {
  successes: number;
  faults: number;
  /** When both were what they say. */
  atMs: number;
}

/** What one client has experienced with providers, by node key. */
export class ProviderHistory {
  readonly #records = new Map<Hex, Tally>();

  of(nodeKey: Hex, nowMs = performance.now()): Experience {
    const known = this.#records.get(nodeKey);
    if (known === undefined) return NONE;
    const weight = weightOf(known, nowMs);
    return { successes: known.successes * weight, faults: known.faults * weight };
  }

  record(nodeKey: Hex, success: boolean, nowMs = performance.now()): void {
    let known = this.#records.get(nodeKey);
    if (known === undefined) {
      known = { successes: 0, faults: 0, atMs: nowMs };
      this.#records.set(nodeKey, known);
    }
    // In place: it is done for every call.
    const weight = weightOf(known, nowMs);
    known.successes = known.successes * weight + (success ? 1 : 0);
    known.faults = known.faults * weight + (success ? 0 : 1);
    known.atMs = nowMs;
  }
}

function weightOf({ atMs }: Tally, nowMs: number): number {
  return 0.5 ** ((nowMs - atMs) / HALF_LIFE_MS);
}
