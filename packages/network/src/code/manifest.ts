import { DemecError } from "@demec/protocol";

/** Modules travel in blocks of this size, so that several peers can serve one and a broken transfer resumes. */
export const BLOCK_BYTES = 64 * 1024;
const MANIFEST_VERSION = 1;
const MANIFEST_BYTES = 37;

/** Block 0 of a core that carries one module; blocks 1 … n are the module's bytes. */
export interface Manifest {
  /** SHA-256 of the module, 32 bytes. */
  readonly sha256: Uint8Array;
  /** Bytes of the module; uint32. */
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
    throw new DemecError("protocol/malformed", `Block 0, of ${bytes.length} bytes, is not the manifest of a module.`);
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(33);
  return { sha256: new Uint8Array(bytes.subarray(1, 33)), length };
}

/** The module cut into blocks, the last one shorter; none for no bytes. */
export function splitBlocks(module: Uint8Array): Uint8Array[] {
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < module.length; at += BLOCK_BYTES) blocks.push(module.subarray(at, at + BLOCK_BYTES));
  return blocks;
}

/** How many blocks follow the manifest. */
export function blockCount({ length }: Manifest): number {
  return Math.ceil(length / BLOCK_BYTES);
}
