import { mkdir, open, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { type Address, DemecError, type Hex } from "@demec/protocol";
import { isHex } from "viem";
import type { SessionVault } from "../sessionVault.ts";

/**
 * One file per session key, readable by its owner alone. A session key can sign away what is in its one session and
 * nothing else, which is why it may lie on a disk where a wallet's key may not.
 */
export class FileVault implements SessionVault {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @throws session/vault-failed */
  async save(address: Address, privateKey: Hex): Promise<void> {
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      const file = await open(this.#path(address), "wx", 0o600);
      try {
        await file.writeFile(privateKey);
        await file.sync();
      } finally {
        await file.close();
      }
    } catch (cause) {
      const what = `The key of ${address} couldn't be kept in ${this.#folder}.`;
      throw new DemecError("session/vault-failed", what, { cause, details: { address, folder: this.#folder } });
    }
  }

  async load(address: Address): Promise<Hex | null> {
    try {
      const key = await readFile(this.#path(address), "utf8");
      // A crash while it was saved leaves less than a key: no session was opened with it.
      return isHex(key) && key.length === 66 ? key : null;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
      throw error;
    }
  }

  remove(address: Address): Promise<void> {
    return rm(this.#path(address), { force: true });
  }

  #path(address: Address): string {
    return join(this.#folder, address.toLowerCase());
  }
}
