import type { Address, Hex } from "@demec/protocol";

/** Keeps the private keys of sessions, so that a session outlives the process that opened it. */
export interface SessionVault {
  /** Durable when it resolves: a session must not be opened with a key that a crash could take. */
  save(address: Address, privateKey: Hex): Promise<void>;
  load(address: Address): Promise<Hex | null>;
  /** Of a session that is over; one that is not there is no failure. */
  remove(address: Address): Promise<void>;
}

/** Keys that last as long as the process. Sessions it loses can still be left alone, by the wallet. */
export class MemoryVault implements SessionVault {
  readonly #keys = new Map<string, Hex>();

  async save(address: Address, privateKey: Hex): Promise<void> {
    this.#keys.set(address.toLowerCase(), privateKey);
  }

  async load(address: Address): Promise<Hex | null> {
    return this.#keys.get(address.toLowerCase()) ?? null;
  }

  async remove(address: Address): Promise<void> {
    this.#keys.delete(address.toLowerCase());
  }
}
