const HASH_BYTES = 32;
const PER_CHUNK = 1024;

/**
 * A growing row of 32-byte hashes, packed: a session makes millions of them, and as objects of their own each costs the
 * garbage collector several times what it holds.
 */
export class HashRow {
  readonly #chunks: Uint8Array[] = [];
  #length = 0;

  get length(): number {
    return this.#length;
  }

  push(hash: Uint8Array): void {
    const offset = this.#length % PER_CHUNK;
    if (offset === 0) this.#chunks[this.#length / PER_CHUNK] = new Uint8Array(PER_CHUNK * HASH_BYTES);
    this.#chunks[(this.#length - offset) / PER_CHUNK]!.set(hash, offset * HASH_BYTES);
    this.#length++;
  }

  /** A copy of hash `index`, which must be below `length`. */
  at(index: number): Uint8Array {
    const offset = index % PER_CHUNK;
    return this.#chunks[(index - offset) / PER_CHUNK]!.slice(offset * HASH_BYTES, (offset + 1) * HASH_BYTES);
  }

  /** Copies hash `index`, which must be below `length`, to `offset` of `target`. */
  copyTo(target: Uint8Array, offset: number, index: number): void {
    const at = index % PER_CHUNK;
    const chunk = this.#chunks[(index - at) / PER_CHUNK]!;
    // Faster than `set`, which needs a view.
    for (let i = 0; i < HASH_BYTES; i++) target[offset + i] = chunk[at * HASH_BYTES + i]!;
  }

  /** Drops the hashes from `length` on. */
  truncate(length: number): void {
    this.#length = length;
    this.#chunks.length = Math.ceil(length / PER_CHUNK);
  }
}
