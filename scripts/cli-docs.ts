// Writes docs/cli.md from the `demec` program.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeProgram } from "../packages/cli/src/program.ts";
import { cliReference } from "../packages/cli/src/reference.ts";

writeFileSync(join(import.meta.dirname, "../docs/cli.md"), cliReference(makeProgram()));
