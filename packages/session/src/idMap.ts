const INITIAL_SLOTS = 64;

/**
 * Values by number, for those that come and go by the thousand every second. A Map leaves its outgrown tables behind as
 * a chain: each that was tenured keeps the next alive, with every value in it, until a major collection, so that minor ones
 * copy what has long been done with. This one has a single table: open addressing, linear probing, and deletion by shifting
 * back (Knuth, TAOCP 6.4, algorithm R). Numbers in sequence, which calls have, never collide while they fit.
 */
export class IdMap<V extends object> {
  #ids: number[] = new Array(INITIAL_SLOTS).fill(0);
  #values: (V | undefined)[] = new Array(INITIAL_SLOTS).fill(undefined);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): V | undefined {
    return this.#values[this.#slotOf(id)];
  }

  /** @param id safe integer, 0 or more */
  set(id: number, value: V): void {
    let slot = this.#slotOf(id);
    if (this.#values[slot] === undefined) {
      if (2 * ++this.#size > this.#values.length) {
        this.#grow();
        slot = this.#slotOf(id);
      }
      this.#ids[slot] = id;
    }
    this.#values[slot] = value;
  }

  /** @returns whether it was there */
  delete(id: number): boolean {
    const values = this.#values;
    const ids = this.#ids;
    const mask = values.length - 1;
    let free = this.#slotOf(id);
    if (values[free] === undefined) return false;
    this.#size--;
    for (let slot = (free + 1) & mask; values[slot] !== undefined; slot = (slot + 1) & mask) {
      // What is at home after the free slot stays where it is.
      if (((slot - ids[slot]!) & mask) < ((slot - free) & mask)) continue;
      ids[free] = ids[slot]!;
      values[free] = values[slot];
      free = slot;
    }
    values[free] = undefined;
    return true;
  }

  clear(): void {
    this.#values.fill(undefined);
    this.#size = 0;
  }

  /** All that is in it, in ascending order of the numbers; a copy. */
  entries(): [id: number, value: V][] {
    if (this.#size === 0) return [];
    const all: [number, V][] = [];
    for (let slot = 0; slot < this.#values.length; slot++) {
      const value = this.#values[slot];
      if (value !== undefined) all.push([this.#ids[slot]!, value]);
    }
    return all.sort(([a], [b]) => a - b);
  }

  /** Where the number is, or would be. */
  #slotOf(id: number): number {
    const mask = this.#values.length - 1;
    let slot = id & mask;
    while (this.#values[slot] !== undefined && this.#ids[slot] !== id) slot = (slot + 1) & mask;
    return slot;
  }

  #grow(): void {
    const ids = this.#ids;
    const values = this.#values;
    this.#ids = new Array(2 * ids.length).fill(0);
    this.#values = new Array(2 * values.length).fill(undefined);
    for (let slot = 0; slot < values.length; slot++) {
      if (values[slot] === undefined) continue;
      const target = this.#slotOf(ids[slot]!);
      this.#ids[target] = ids[slot]!;
      this.#values[target] = values[slot];
    }
  }
}
