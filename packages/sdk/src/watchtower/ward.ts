import type { Address, Hex, SignedState } from "@demec/protocol";

/** A session that a watchtower looks after: what it must know of it without asking the chain, and the newest state it was left. */
export interface Ward {
  readonly sessionId: Hex;
  readonly buyer: Address;
  readonly sessionKey: Address;
  readonly operator: Address;
  /** Both signatures present, and checked. */
  readonly signed: SignedState;
}

/** Where a watchtower keeps its wards: one entry a session, each replacing the one before. */
export interface WardStore {
  all(): Promise<Ward[]>;
  /** Durable when it resolves. @throws session/journal-failed */
  put(ward: Ward): Promise<void>;
  delete(sessionId: Hex): Promise<void>;
}
