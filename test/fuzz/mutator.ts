/** Byte strings that length fields and integers are most often wrong about. */
const BOUNDARIES: readonly Uint8Array[] = [
  [0x00],
  [0x7f],
  [0x80],
  [0xfc],
  [0xfd, 0xff, 0xff],
  [0xfd, 0xfc, 0x00],
  [0xfe, 0xff, 0xff, 0xff, 0xff],
  [0xfe, 0x00, 0x00, 0x00, 0x80],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0x00],
  [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
].map((bytes) => Uint8Array.from(bytes));
const MOST_BYTES = 4096;

/** Makes inputs for decoders: changed copies of good ones and sheer noise, the same ones from the same seed. */
export class Mutator {
  #state: number;

  constructor(seed: number) {
    this.#state = seed | 1;
  }

  /** A number below `end`, by xorshift. */
  below(end: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % end;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** One of `good` after one to four changes, or noise. */
  next(good: readonly Uint8Array[]): Uint8Array {
    if (this.below(20) === 0) return this.#noise();
    let bytes = this.pick(good);
    for (let changes = 1 + this.below(4); changes > 0; changes--) bytes = this.#change(bytes, good);
    return bytes.subarray(0, MOST_BYTES);
  }

  #noise(): Uint8Array {
    return Uint8Array.from({ length: this.below(300) }, () => this.below(256));
  }

  #change(bytes: Uint8Array, good: readonly Uint8Array[]): Uint8Array {
    const at = this.below(bytes.length + 1);
    switch (this.below(6)) {
      case 0: {
        const changed = bytes.slice();
        if (at < changed.length) changed[at]! ^= 1 << this.below(8);
        return changed;
      }
      case 1: {
        const boundary = this.pick(BOUNDARIES);
        return Buffer.concat([bytes.subarray(0, at), boundary, bytes.subarray(at + boundary.length)]);
      }
      case 2:
        return Buffer.concat([bytes.subarray(0, at), this.pick(BOUNDARIES), bytes.subarray(at)]);
      case 3:
        return bytes.subarray(0, at);
      case 4:
        return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + this.below(16))]);
      default: {
        const other = this.pick(good);
        return Buffer.concat([bytes.subarray(0, at), other.subarray(this.below(other.length + 1))]);
      }
    }
  }
}
