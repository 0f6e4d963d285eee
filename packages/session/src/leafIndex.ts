/** Ids of one inner map. */
const RANGE = 4_096;

/**
 * Leaf numbers by call id, of which a long session has millions. One Map copies all of itself whenever it has doubled, which
 * stops everything for the longer the larger it is, and ends at 2^24 entries; here only the range that calls come from grows.
 */
export class LeafIndex {
  readonly #ranges = new Map<number, Map<number, number>>();

  get(callId: number): number | undefined {
    return this.#ranges.get(Math.floor(callId / RANGE))?.get(callId);
  }

  set(callId: number, leafIndex: number): void {
    const range = Math.floor(callId / RANGE);
    let leaves = this.#ranges.get(range);
    if (leaves === undefined) {
      leaves = new Map();
      this.#ranges.set(range, leaves);
    }
    leaves.set(callId, leafIndex);
  }

  /** All call ids, in the order of their leaves. */
  callIds(): number[] {
    const all: number[] = [];
    for (const leaves of this.#ranges.values()) for (const [callId, leafIndex] of leaves) all[leafIndex] = callId;
    return all;
  }
}
