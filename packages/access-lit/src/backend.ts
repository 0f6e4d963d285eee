import type { Oracle, SecretOpener, SecretSealer } from "@demec/access";
import type { Address } from "@demec/protocol";

/** What Lit decides, behind the interfaces of `@demec/access`. */
export interface LitBackend {
  /** Tells a gate whether conditions hold: the `oracle` of an `AccountGate`. */
  readonly oracle: Oracle;
  /** Seals secrets for the operators that the chain binds to the readers' owners when a box is opened. */
  readonly sealer: SecretSealer;
  /** @param owner account of the provider whose operator this backend acts for */
  opener(owner: Address): SecretOpener;
}
