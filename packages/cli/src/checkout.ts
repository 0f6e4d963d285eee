import { existsSync } from "node:fs";
import { join } from "node:path";
import { badOption } from "./errors.ts";

const ROOT = join(import.meta.dirname, "../../..");

/** A path in the clone of the repository that this command runs from. @throws cli/bad-option when there is none */
export function inCheckout(...parts: readonly string[]): string {
  const path = join(ROOT, ...parts);
  if (!existsSync(path)) throw badOption(`This needs a clone of the repository: ${path} is not there.`, { path });
  return path;
}
