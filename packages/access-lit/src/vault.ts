import type { Address } from "@demec/protocol";

/** Keeps keys of 32 bytes for the operators of providers. */
export interface KeyVault {
  /**
   * @param owners accounts of the providers whose operators may have the key
   * @returns text that stands for the key
   * @throws lit/unavailable, …
   */
  seal(key: Uint8Array, owners: readonly Address[]): Promise<string>;
  /**
   * The key, for the operator that this vault acts for.
   * @param owners as it was sealed
   * @param owner the one of them that asks
   * @throws access/sealed-to-others, access/tampered-box; lit/unavailable, …
   */
  open(sealed: string, owners: readonly Address[], owner: Address): Promise<Uint8Array>;
}
