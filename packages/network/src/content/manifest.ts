import { DemecError } from "@demec/protocol";

/** Content travels in blocks of this size, so that several peers can serve it and a broken transfer resumes. */
export const BLOCK_BYTES = 64 * 1024;
const MANIFEST_VERSION = 1;
const MANIFEST_BYTES = 37;

/** Block 0 of a core that carries one content; blocks 1 … n are its bytes. */
export interface Manifest {
  /** SHA-256 of the content, 32 bytes. */
  readonly sha256: Uint8Array;
  /** Bytes of the content; uint32. */
  readonly length: number;
}

/** version u8 (1), sha256 32, length u32 big-endian. */
export function encodeManifest({ sha256, length }: Manifest): Uint8Array {
  const bytes = new Uint8Array(MANIFEST_BYTES);
  bytes[0] = MANIFEST_VERSION;
  bytes.set(sha256, 1);
  new DataView(bytes.buffer).setUint32(33, length);
  return bytes;
}

/** @throws protocol/malformed */
export function decodeManifest(bytes: Uint8Array): Manifest {
  if (bytes.length !== MANIFEST_BYTES || bytes[0] !== MANIFEST_VERSION) {
    throw new DemecError("protocol/malformed", `Block 0, of ${bytes.length} bytes, is not the manifest of a content.`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(33);
  return { sha256: new Uint8Array(bytes.subarray(1, 33)), length };
}

/** The bytes cut into blocks, the last one shorter; none for no bytes. */
export function splitBlocks(bytes: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_BYTES) blocks.push(bytes.subarray(at, at + BLOCK_BYTES));
  return blocks;
}

/** How many blocks follow the manifest. */
export function blockCount({ length }: Pick<Manifest, "length">): number {
  return Math.ceil(length / BLOCK_BYTES);
}
