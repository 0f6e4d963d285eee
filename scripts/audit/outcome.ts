import { join } from "node:path";

export const ROOT = join(import.meta.dirname, "../..");
/** Everything that audits leave behind; ignored by git. */
export const SCRATCH = join(ROOT, ".demec");

/** How one part of the audit ended. */
export interface Outcome {
  readonly status: "passed" | "failed" | "skipped";
  /** What was found, a line each; of a skipped part, why. */
  readonly lines: readonly string[];
}

export const skipped = (reason: string): Outcome => ({ status: "skipped", lines: [reason] });
