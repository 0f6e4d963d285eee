import { sha256 } from "#sha256";

/** Bytes of a chunk; a stream's last one may be shorter. */
export const STREAM_CHUNK_BYTES = 65_536;

const DOMAIN = new TextEncoder().encode("deMEC stream v1");
const LEAF = Uint8Array.of(0);
const NODE = Uint8Array.of(1);

/**
 * Hash of a stream, however it is cut into updates: SHA-256 over domain, length (uint64) and the root of a Merkle tree over
 * its chunks of 64 KiB, so that any chunk can be proved later. Perfect subtrees are joined from the left as in a binary
 * counter; what is left at the end is joined from the right. Leaves and nodes are told apart by a first byte.
 */
export class StreamHash {
  /** Bytes hashed so far. */
  length = 0;
  /** Roots of perfect subtrees, larger ones first. */
  private readonly peaks: { readonly height: number; readonly root: Uint8Array }[] = [];
  private readonly chunk = new Uint8Array(STREAM_CHUNK_BYTES);
  private filled = 0;

  update(bytes: Uint8Array): void {
    this.length += bytes.length;
    for (let at = 0; at < bytes.length; ) {
      const part = bytes.subarray(at, at + STREAM_CHUNK_BYTES - this.filled);
      at += part.length;
      if (part.length === STREAM_CHUNK_BYTES) {
        this.append(part);
        continue;
      }
      this.chunk.set(part, this.filled);
      this.filled += part.length;
      if (this.filled === STREAM_CHUNK_BYTES) {
        this.append(this.chunk);
        this.filled = 0;
      }
    }
  }

  /** 32 bytes. Call it once, at the end. */
  digest(): Uint8Array {
    if (this.filled > 0) this.append(this.chunk.subarray(0, this.filled));
    this.filled = 0;
    const length = new Uint8Array(8);
    new DataView(length.buffer).setBigUint64(0, BigInt(this.length));
    let root: Uint8Array | undefined;
    for (const peak of this.peaks.toReversed()) {
      root = root === undefined ? peak.root : sha256(NODE, peak.root, root);
    }
    return sha256(DOMAIN, length, root ?? new Uint8Array(0));
  }

  private append(chunk: Uint8Array): void {
    let height = 0;
    let root = sha256(LEAF, chunk);
    while (this.peaks.at(-1)?.height === height) {
      root = sha256(NODE, this.peaks.pop()!.root, root);
      height++;
    }
    this.peaks.push({ height, root });
  }
}
