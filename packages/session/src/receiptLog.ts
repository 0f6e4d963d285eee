import { RECEIPT_BYTES } from "@demec/protocol";

const PER_CHUNK = 512;

/** Encoded receipts in leaf order, packed: a long session has millions of them. */
export class ReceiptLog {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;

  get size(): number {
    return this.#size;
  }

  append(receipt: Uint8Array): void {
    const offset = this.#size % PER_CHUNK;
    if (offset === 0) this.#chunks.push(new Uint8Array(PER_CHUNK * RECEIPT_BYTES));
    this.#chunks[this.#chunks.length - 1]!.set(receipt, offset * RECEIPT_BYTES);
    this.#size++;
  }

  /** @param index a leaf's number, below `size` */
  at(index: number): Uint8Array {
    const offset = (index % PER_CHUNK) * RECEIPT_BYTES;
    return this.#chunks[Math.floor(index / PER_CHUNK)]!.slice(offset, offset + RECEIPT_BYTES);
  }
}
