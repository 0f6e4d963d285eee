// Writes the reference pages of the documentation into docs/reference: errors, packages, contracts. None is committed.
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeApiPages } from "./docs/apiPages.ts";
import { contractPages } from "./docs/contractPages.ts";
import { errorIndex } from "./docs/errorIndex.ts";

const REFERENCE = join(import.meta.dirname, "../docs/reference");

for (const made of ["api", "contracts", "errors.md"]) rmSync(join(REFERENCE, made), { recursive: true, force: true });
mkdirSync(join(REFERENCE, "contracts"), { recursive: true });
writeFileSync(join(REFERENCE, "errors.md"), errorIndex());
for (const [name, page] of contractPages()) writeFileSync(join(REFERENCE, `contracts/${name}.md`), page);
await writeApiPages(join(REFERENCE, "api"));
