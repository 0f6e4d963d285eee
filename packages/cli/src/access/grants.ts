import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { formatGrants, grantDigest, parseGrants, type SignedGrant } from "@demec/access";
import type { Deployment } from "@demec/chain";
import type { Hex } from "@demec/protocol";
import { readBytes } from "../config.ts";
import { badOption } from "../errors.ts";

/** A chain of grants, root first. */
export type Grants = readonly [...SignedGrant[], SignedGrant];

const folderIn = (home: string) => join(home, "grants");

/** Keeps grants that were made here, under the id of the last of them. @returns the id */
export function keepGrants(home: string, deployment: Deployment, grants: Grants): Hex {
  const id = grantDigest(deployment, grants.at(-1)!.grant);
  mkdirSync(folderIn(home), { recursive: true, mode: 0o700 });
  writeFileSync(join(folderIn(home), `${id}.json`), `${formatGrants(grants)}\n`, { mode: 0o600 });
  return id;
}

/** Grants from a file, or by the id of one that was made here. @throws cli/bad-option, access/bad-grant */
export function readGrants(home: string, name: string): Grants {
  const path = /^0x[0-9a-f]{64}$/.test(name) ? join(folderIn(home), `${name}.json`) : name;
  const grants = parseGrants(new TextDecoder().decode(readBytes("Grants", path)));
  if (grants.length === 0) throw badOption(`Grants ${path} are none.`, { path });
  return grants as readonly SignedGrant[] as Grants;
}

/** All that were made here, of whatever market. */
export function listGrants(home: string): Grants[] {
  let files: string[];
  try {
    files = readdirSync(folderIn(home));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return files
    .filter((file) => file.endsWith(".json"))
    .map((file) => parseGrants(readFileSync(join(folderIn(home), file), "utf8")) as readonly SignedGrant[] as Grants);
}
