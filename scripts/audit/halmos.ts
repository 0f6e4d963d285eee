// Symbolic proofs (test/symbolic) by halmos, in a copy of the tree in which the libraries' private functions are internal:
// the code that is proved is the code that is deployed, but for that one word.
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { forgePath } from "./forge.ts";
import { type Outcome, ROOT, SCRATCH, skipped } from "./outcome.ts";
import { preparePython, runPython } from "./python.ts";

const SOLVER_TIMEOUT = "120s";

export function halmos(): Outcome {
  const reason = preparePython();
  if (reason !== null) return skipped(reason);
  const forge = forgePath();
  if (forge === null) return skipped(`forge has no binary for ${process.platform} on ${process.arch}.`);
  const tree = join(SCRATCH, "halmos");
  prepareTree(tree);
  const run = runPython("halmos", ["--solver", "yices", "--solver-timeout-assertion", SOLVER_TIMEOUT], {
    cwd: tree,
    profile: "halmos",
    path: dirname(forge),
  });
  const output = stripVTControlCharacters(run.stdout + run.stderr);
  const results = [...output.matchAll(/\[(PASS|FAIL|TIMEOUT|ERROR)\] (check_\w+)/g)];
  const failed = results.filter(([, verdict]) => verdict !== "PASS");
  if (results.length === 0) return { status: "failed", lines: output.trim().split("\n").slice(-15) };
  return {
    status: run.status === 0 && failed.length === 0 ? "passed" : "failed",
    lines: results.map(([, verdict, name]) => `${verdict} ${name}`),
  };
}

function prepareTree(tree: string): void {
  rmSync(tree, { recursive: true, force: true });
  mkdirSync(join(tree, "test"), { recursive: true });
  cpSync(join(ROOT, "contracts"), join(tree, "contracts"), { recursive: true });
  rmSync(join(tree, "contracts/test"), { recursive: true });
  cpSync(join(ROOT, "test/symbolic"), join(tree, "test/symbolic"), { recursive: true });
  cpSync(join(ROOT, "foundry.toml"), join(tree, "foundry.toml"));
  for (const name of ["node_modules", "scripts"]) symlinkSync(join(ROOT, name), join(tree, name));
  for (const file of globSync("contracts/libraries/*.sol", { cwd: tree })) {
    const source = readFileSync(join(tree, file), "utf8");
    writeFileSync(join(tree, file), source.replaceAll(") private pure", ") internal pure"));
  }
}
