import { DemecError } from "@demec/protocol";

/** Lit asks contracts single questions; which sessions an account has is told by the market's events. */
export function sessionUnknown(): DemecError {
  return new DemecError("lit/unsupported-condition", 'Lit can\'t tell whether an account has a session: "session".');
}
