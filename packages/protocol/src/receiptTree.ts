import { sha256, sha256Into } from "#sha256";
import { DemecError } from "./errors.ts";
import { HashRow } from "./hashRow.ts";

/**
 * Append-only Merkle tree over receipt leaves: the tree of RFC 9162 (Certificate Transparency), kept as the peaks of
 * a mountain range, so that appending costs O(log n) and earlier leaves stay provable under every later root.
 * The committed root binds the size: SHA-256(0x02 ‖ size u64 ‖ RFC 9162 tree hash).
 */
export class ReceiptTree {
  /** Perfect subtrees by level: `#levels[k][i]` covers leaves i·2^k … (i+1)·2^k − 1. */
  readonly #levels: HashRow[] = [new HashRow()];

  constructor(leaves: Iterable<Uint8Array> = []) {
    for (const leaf of leaves) this.append(leaf);
  }

  get size(): number {
    return this.#levels[0]!.length;
  }

  leaf(index: number): Uint8Array {
    if (!(index >= 0 && index < this.size)) {
      throw new DemecError("protocol/out-of-range", `Leaf ${index} is outside a tree of ${this.size}.`, {
        details: { index },
      });
    }
    return this.#levels[0]!.at(index);
  }

  /** @param leaf 32-byte leaf hash, see `receiptLeaf` */
  append(leaf: Uint8Array): void {
    let node = leaf;
    for (let level = 0; ; level++) {
      if (level === this.#levels.length) this.#levels.push(new HashRow());
      const row = this.#levels[level]!;
      row.push(node);
      if (row.length % 2 === 1) return;
      row.copyTo(nodeBytes, 1, row.length - 2);
      nodeBytes.set(node, 33);
      sha256Into(parent, 0, nodeBytes);
      node = parent;
    }
  }

  /** Drops the leaves from `size` on: a proposal that the other side refused. */
  truncate(size: number): void {
    for (let level = 0, keep = size; level < this.#levels.length; level++, keep >>>= 1)
      this.#levels[level]!.truncate(keep);
  }

  /** Root of the first `size` leaves, 32 bytes. */
  root(size = this.size): Uint8Array {
    return commitSize(size, size === 0 ? sha256() : this.#rangeHash(0, size));
  }

  /** Inclusion path of leaf `index` under `root(size)`, leaf to root (RFC 9162, 2.1.3.1). */
  prove(index: number, size = this.size): Uint8Array[] {
    if (!(index >= 0 && index < size && size <= this.size)) {
      throw new DemecError("protocol/out-of-range", `No leaf ${index} in the first ${size} of ${this.size}.`, {
        details: { index, size },
      });
    }
    const path: Uint8Array[] = [];
    let [begin, end] = [0, size];
    while (end - begin > 1) {
      const split = begin + largestPowerOfTwoBelow(end - begin);
      if (index < split) {
        path.push(this.#rangeHash(split, end));
        end = split;
      } else {
        path.push(this.#rangeHash(begin, split));
        begin = split;
      }
    }
    return path.reverse();
  }

  /** RFC 9162 hash of leaves begin … end − 1, where `begin` is a multiple of every subtree that it cuts. */
  #rangeHash(begin: number, end: number): Uint8Array {
    const count = end - begin;
    const level = 31 - Math.clz32(count);
    if (count === 2 ** level) return this.#levels[level]!.at(begin / count);
    const split = begin + largestPowerOfTwoBelow(count);
    return hashNode(this.#rangeHash(begin, split), this.#rangeHash(split, end));
  }
}

/** Whether `path` proves that `leaf` is number `index` of the `size` leaves under `root` (RFC 9162, 2.1.3.2). */
export function verifyReceiptProof(
  root: Uint8Array,
  size: number,
  index: number,
  leaf: Uint8Array,
  path: readonly Uint8Array[],
): boolean {
  if (!(Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size && size <= 2 ** 31))
    return false;
  let [position, last, node] = [index, size - 1, leaf];
  for (const sibling of path) {
    if (last === 0) return false;
    if (position % 2 === 1 || position === last) {
      node = hashNode(sibling, node);
      while (position % 2 === 0 && position !== 0) {
        position >>>= 1;
        last >>>= 1;
      }
    } else {
      node = hashNode(node, sibling);
    }
    position >>>= 1;
    last >>>= 1;
  }
  return last === 0 && equalBytes(commitSize(size, node), root);
}

/** What a node's hash is taken of, reused: 0x01 ‖ left ‖ right. */
const nodeBytes = new Uint8Array(65);
nodeBytes[0] = 1;
/** The newest inner node of a tree that grows, until it is stored. */
const parent = new Uint8Array(32);

function hashNode(left: Uint8Array, right: Uint8Array): Uint8Array {
  nodeBytes.set(left, 1);
  nodeBytes.set(right, 33);
  return sha256(nodeBytes);
}

function commitSize(size: number, treeHash: Uint8Array): Uint8Array {
  const prefix = new Uint8Array(9);
  prefix[0] = 2;
  new DataView(prefix.buffer).setBigUint64(1, BigInt(size));
  return sha256(prefix, treeHash);
}

function largestPowerOfTwoBelow(count: number): number {
  return 2 ** (31 - Math.clz32(count - 1));
}

function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
