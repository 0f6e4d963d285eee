import type { Address, Hex } from "@demec/protocol";

/** What a sealed box is bound to: opened for anything else, it stays shut. */
export interface SealContext {
  /** Name of the service whose executions may see what is inside. */
  readonly audience: string;
  /** The one buyer in whose calls it may be used; null: any. */
  readonly subject: Address | null;
}

/** Encrypts what only certain providers may read: the payload under AES-256-GCM, of which only the key is sealed. */
export interface SecretSealer {
  /** @param nodeKeys of the providers, as the chain has them; one at least */
  seal(plaintext: Uint8Array, context: SealContext, nodeKeys: readonly Hex[]): Promise<Uint8Array>;
}

/** A provider's end of it. */
export interface SecretOpener {
  /**
   * @param caller the service that runs, and the buyer who calls it
   * @throws access/sealed-to-others, access/tampered-box, access/foreign-box
   */
  open(box: Uint8Array, caller: { readonly audience: string; readonly subject: Address }): Promise<Uint8Array>;
}
