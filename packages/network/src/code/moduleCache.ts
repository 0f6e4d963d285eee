import { mkdir, open, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Hex, sha256 } from "@demec/protocol";
import { toHex } from "../hex.ts";

/** Modules on disk, each in a file named by its SHA-256. A file is trusted for nothing: it is hashed at every read. */
export class ModuleCache {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** The module with this hash, if it is here, sound, and of at most `maxBytes`; a spoilt file is removed. */
  async read(hash: Hex): Promise<Uint8Array | undefined> {
    let bytes: Uint8Array;
    try {
      const file = await readFile(this.#path(hash));
      bytes = new Uint8Array(file.buffer, file.byteOffset, file.byteLength);
    } catch {
      return undefined;
    }
    if (toHex(sha256(bytes)) === hash) return bytes;
    await rm(this.#path(hash), { force: true });
    return undefined;
  }

  /** Atomic: a reader sees the whole file or none. */
  async write(hash: Hex, bytes: Uint8Array): Promise<void> {
    await mkdir(this.#directory, { recursive: true });
    const temporary = `${this.#path(hash)}.${process.pid}.${Math.random().toString(36).slice(2)}`;
    try {
      const file = await open(temporary, "wx");
      try {
        await file.writeFile(bytes);
      } finally {
        await file.close();
      }
      await rename(temporary, this.#path(hash));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  #path(hash: Hex): string {
    return join(this.#directory, hash.slice(2));
  }
}
