import { chacha20 } from "@noble/ciphers/chacha.js";

const CHUNK_BYTES = 1024;
const BLOCKS_PER_CHUNK = CHUNK_BYTES / 64;
const NONCE = new Uint8Array(12);
const ZEROS = new Uint8Array(CHUNK_BYTES);

/** What `random_get` gives: the keystream of ChaCha20 (RFC 8439) under the request's seed, nonce 0, from block 0 on. */
export class SeededRandom {
  private readonly seed: Uint8Array;
  /** Made when it is first asked for: most programs never do. */
  private chunk: Uint8Array | undefined;
  private nextBlock = 0;
  private used = CHUNK_BYTES;

  /** @param seed 32 bytes */
  constructor(seed: Uint8Array) {
    this.seed = seed;
  }

  fill(target: Uint8Array): void {
    for (let at = 0; at < target.length; ) {
      this.chunk ??= new Uint8Array(CHUNK_BYTES);
      if (this.used === CHUNK_BYTES) {
        chacha20(this.seed, NONCE, ZEROS, this.chunk, this.nextBlock);
        this.nextBlock += BLOCKS_PER_CHUNK;
        this.used = 0;
      }
      const part = this.chunk.subarray(this.used, this.used + target.length - at);
      target.set(part, at);
      at += part.length;
      this.used += part.length;
    }
  }
}
