import { rmSync } from "node:fs";
import { join } from "node:path";
import type { Address } from "@demec/protocol";
import { badOption } from "../errors.ts";
import { keepFile, keptFiles } from "./keptFiles.ts";

/** A secret as it is kept: sealed, so that nobody here can read it either. */
export interface KeptSecret {
  /** Name of the variable that is inside. */
  readonly name: string;
  readonly service: string;
  /** The one buyer in whose calls it is used; null: any. */
  readonly subject: Address | null;
  /** Owner accounts of the providers that can open it. */
  readonly providers: readonly Address[];
  /** The variable that stands for it. */
  readonly sealed: readonly [name: string, box: string];
}

const NAME = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/;

/** A folder for each service: its name with what a file system doesn't take left out. */
const folderIn = (home: string, service: string) => join(home, "secrets", service.toLowerCase().replace(/[:/]/g, "-"));

export function keepSecret(home: string, secret: KeptSecret): void {
  keepFile(folderIn(home, secret.service), checked(secret.name), JSON.stringify(secret));
}

/** Those of a service, by name. */
export function listSecrets(home: string, service: string): KeptSecret[] {
  return keptFiles(folderIn(home, service)).map((text) => JSON.parse(text) as KeptSecret);
}

/** @throws cli/bad-option when there is none of this name */
export function forgetSecret(home: string, service: string, name: string): void {
  try {
    rmSync(join(folderIn(home, service), `${checked(name)}.json`));
  } catch (error) {
    throw badOption(`No secret "${name}" is kept for ${service}.`, { service, name }, error);
  }
}

/** The name of a variable. @throws cli/bad-option */
export function checked(name: string): string {
  if (NAME.test(name)) return name;
  throw badOption(`"${name}" is no name of a variable: letters, digits and _, 64 at most.`, { name });
}
