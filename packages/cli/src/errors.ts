import { DemecError } from "@demec/protocol";

/** What is wrong with something that was typed. */
export function badOption(what: string, details: Readonly<Record<string, unknown>>, cause?: unknown): DemecError {
  return new DemecError("cli/bad-option", what, { details, cause });
}
