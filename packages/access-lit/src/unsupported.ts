import { DemecError } from "@demec/protocol";

/** What Lit can't be asked. @param what of an account, as after "Lit can't tell" */
export function unsupported(what: string): DemecError {
  return new DemecError("lit/unsupported-condition", `Lit can't tell ${what}.`);
}

/** Lit asks contracts single questions; which sessions there are is told by the market's events. */
export const sessionUnknown = () => unsupported("whether an account has a session");
