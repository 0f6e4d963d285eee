import type { Hex } from "@demec/protocol";

const MAX_REMEMBERED = 1024;

interface Record {
  readonly seq: number;
  readonly value: Uint8Array;
}

/** Remembers the newest record seen of each node key, so that nobody passes off an older one as what it says now. */
export class NewestRecords {
  readonly #newest = new Map<Hex, Record>();

  /** The newer one of what was found and what is known. */
  of(publicKey: Hex, found: Record | null): Record | null {
    const known = this.#newest.get(publicKey);
    if (found === null || (known !== undefined && known.seq > found.seq)) return known ?? null;
    this.#newest.delete(publicKey);
    if (this.#newest.size >= MAX_REMEMBERED) this.#newest.delete(this.#newest.keys().next().value!);
    this.#newest.set(publicKey, found);
    return found;
  }
}
