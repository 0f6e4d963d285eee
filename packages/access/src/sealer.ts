import type { Address, Hex } from "@demec/protocol";

/** What a sealed box is bound to: opened for anything else, it stays shut. */
export interface SealContext {
  /** Name of the service whose executions may see what is inside. */
  readonly audience: string;
  /** The one buyer in whose calls it may be used; null: any. */
  readonly subject: Address | null;
}

/** The service that runs, and the buyer who calls it. */
export interface Caller {
  readonly audience: string;
  readonly subject: Address;
}

/** A provider that something is sealed to: its owner account, and its node key as the chain has it. */
export interface Reader {
  readonly owner: Address;
  readonly nodeKey: Hex;
}

/** Encrypts what only certain providers may read: the payload under AES-256-GCM, of which only the key is sealed. */
export interface SecretSealer {
  /**
   * @param readers one at least
   * @returns a box: text, and never the same twice
   */
  seal(plaintext: Uint8Array, context: SealContext, readers: readonly Reader[]): Promise<string>;
}

/** A provider's end of it. */
export interface SecretOpener {
  /**
   * What is in a box, always the same whoever opens it: a box says one thing only.
   * @throws access/sealed-to-others, access/tampered-box, access/foreign-box
   */
  open(box: string, caller: Caller): Promise<Uint8Array>;
}
