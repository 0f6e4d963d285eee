import { join } from "node:path";
import { formatGrants, grantDigest, parseGrants, type SignedGrant } from "@demec/access";
import type { Deployment } from "@demec/chain";
import type { Hex } from "@demec/protocol";
import { readBytes } from "../config.ts";
import { badOption } from "../errors.ts";
import { keepFile, keptFiles } from "./keptFiles.ts";

/** A chain of grants, root first. */
export type Grants = readonly [...SignedGrant[], SignedGrant];

const folderIn = (home: string) => join(home, "grants");

/** Keeps grants that were made here, under the id of the last of them. @returns the id */
export function keepGrants(home: string, deployment: Deployment, grants: Grants): Hex {
  const id = grantDigest(deployment, grants.at(-1)!.grant);
  keepFile(folderIn(home), id, formatGrants(grants));
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
  return keptFiles(folderIn(home)).map((text) => parseGrants(text) as readonly SignedGrant[] as Grants);
}
