import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { badOption } from "./errors.ts";

/** The folder of this package: sources and what is compiled from them are one level below it. */
const PACKAGE = join(import.meta.dirname, "..");
const CHECKOUT = join(PACKAGE, "../..");

/** A file or folder that comes with this package, wherever it is installed. */
export const packageFile = (...parts: readonly string[]): string => join(PACKAGE, ...parts);

/** Version of this package. */
export const version = (): string => JSON.parse(readFileSync(packageFile("package.json"), "utf8")).version;

/** Whether this command runs from a clone of the repository, where packages are made, not installed. */
export const isCheckout = (): boolean => existsSync(join(CHECKOUT, "scripts/build-packages.ts"));

/** A path in the clone of the repository that this command runs from. @throws cli/bad-option when there is none */
export function inCheckout(...parts: readonly string[]): string {
  const path = join(CHECKOUT, ...parts);
  if (!existsSync(path)) throw badOption(`This needs a clone of the repository: ${path} is not there.`, { path });
  return path;
}
