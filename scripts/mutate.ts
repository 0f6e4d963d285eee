// Mutation testing: `node scripts/mutate.ts [--sample N] [--seed S] [--file PATTERN] [--again]`. Changes the contracts by one
// token or statement at a time, in a copy of the tree, and runs the Solidity tests under forge against each mutant. A mutant
// is killed when a test fails, or doesn't end; what doesn't compile is none. Fates are kept in .demec/mutation/fates.json over
// all runs, so that samples add up: a run tries none that is known. --again tries the survivors once more. --file is a
// regular expression.
import { cpSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runForge } from "./audit/forge.ts";
import { mutantsOf } from "./audit/mutants.ts";
import { type Fate, MutationReport, named } from "./audit/mutationReport.ts";

const ROOT = join(import.meta.dirname, "..");
const HOME = join(ROOT, ".demec/mutation");
const TREE = join(HOME, "tree");
const FATES = join(HOME, "fates.json");
/** All that is deployed. */
const SOURCES = "contracts/**/*.sol";
/** A mutant that takes longer than this loops for ever. */
const TIMEOUT_MS = 300_000;
/** Share of mutants that tests must kill. */
const LEAST_KILLED = 0.9;

const { values: options } = parseArgs({
  options: {
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    file: { type: "string", default: "" },
    again: { type: "boolean", default: false },
  },
});
const deployed = globSync(SOURCES, { cwd: ROOT })
  .filter((file) => !/^contracts\/(test|interfaces)\/|Errors\.sol$/.test(file))
  .sort();
const files = deployed.filter((file) => new RegExp(options.file).test(file));
const all = named(mutantsOf(files));
mkdirSync(HOME, { recursive: true });
const report = new MutationReport(FATES, named(mutantsOf(deployed)));
const chosen = options.again
  ? [...all].filter(([name]) => report.survivors.includes(name))
  : sample([...all]).filter(([name]) => !report.has(name));
console.log(`${chosen.length} of ${all.size} mutants of ${files.length} files`);

prepareTree();
const sources = new Map(files.map((file) => [file, readFileSync(join(TREE, file))]));
if (test() !== "survived") throw new Error("The unchanged contracts fail their tests under forge.");
for (const [i, [name, mutant]] of chosen.entries()) {
  const source = sources.get(mutant.file)!;
  const mutated = Buffer.concat([
    source.subarray(0, mutant.start),
    Buffer.from(mutant.after),
    source.subarray(mutant.end),
  ]);
  writeFileSync(join(TREE, mutant.file), mutated);
  const fate = test();
  writeFileSync(join(TREE, mutant.file), source);
  report.add(name, fate);
  if (fate === "survived") console.log(`survived line ${mutant.line}: ${name}`);
  else if ((i + 1) % 25 === 0) console.log(`… ${i + 1}`);
}

const { tried, killed, equivalent, unexplained } = report.totals;
const share = (100 * killed) / (tried - equivalent);
console.log(
  `In all runs ${killed} of ${tried} mutants killed; of the others docs/audit/mutation.md explains ${equivalent}: ${share.toFixed(1)}%`,
);
for (const name of unexplained) console.log(`unexplained: ${name}`);
process.exitCode = killed >= LEAST_KILLED * (tried - equivalent) ? 0 : 1;

/** A copy in which a mutant can stand without anybody else seeing it. */
function prepareTree(): void {
  rmSync(TREE, { recursive: true, force: true });
  mkdirSync(TREE, { recursive: true });
  cpSync(join(ROOT, "contracts"), join(TREE, "contracts"), { recursive: true });
  // forge spares the tests a compilation for each mutant only when they live apart from the sources.
  renameSync(join(TREE, "contracts/test"), join(TREE, "test"));
  for (const file of globSync("test/**/*.sol", { cwd: TREE })) {
    const source = readFileSync(join(TREE, file), "utf8");
    writeFileSync(join(TREE, file), source.replaceAll('"../', '"../contracts/'));
  }
  cpSync(join(ROOT, "test/mutation"), join(TREE, "test"), { recursive: true });
  writeFileSync(join(TREE, "test/curve.json"), JSON.stringify(curveVectors()));
  for (const name of ["node_modules", "scripts"]) symlinkSync(join(ROOT, name), join(TREE, name));
  cpSync(join(ROOT, "foundry.toml"), join(TREE, "foundry.toml"));
}

/** The golden vectors of the curve, column by column: what Solidity's cheat codes can read. */
function curveVectors(): Record<string, string[]> {
  type Fields = Record<string, string>;
  const vectors = JSON.parse(readFileSync(join(ROOT, "test/vectors/curve.json"), "utf8")) as {
    curve: Fields;
    at: Fields[];
    inverse: Fields[];
  }[];
  const column = (rows: readonly Fields[], name: string) => rows.map((row) => row[name]!);
  const curves = vectors.map(({ curve }) => curve);
  const points = vectors.flatMap(({ at }) => at);
  const inverses = vectors.flatMap(({ inverse }) => inverse);
  return {
    ...Object.fromEntries(["x1", "x2", "x3", "y0", "y1", "y2", "y3"].map((name) => [name, column(curves, name)])),
    ...Object.fromEntries(["supply", "area", "price"].map((name) => [name, column(points, name)])),
    inversePrice: column(inverses, "priceWad"),
    inverseSupply: column(inverses, "supply"),
  };
}

function test(): Fate {
  const { status, stdout, stderr, signal } = runForge(["test", "--fail-fast"], {
    profile: "mutation",
    cwd: TREE,
    timeoutMs: TIMEOUT_MS,
  });
  if (signal !== null) return "timeout";
  if (status === 0) return "survived";
  return /Compiler run failed|Compilation failed/.test(stdout + stderr) ? "invalid" : "killed";
}

/** As many of the mutants as were asked for, spread evenly over the source, and so is any beginning of them: a run that is
 * broken off is a sample too. The seed shifts which. */
function sample<T>(mutants: readonly T[]): readonly T[] {
  if (options.sample === undefined) return mutants;
  const count = Math.min(Number(options.sample), mutants.length);
  const step = mutants.length / count;
  const golden = 0.618_033_988;
  const offset = (Number(options.seed) * golden) % 1;
  return Array.from({ length: count }, (_, i) => i)
    .sort((a, b) => ((a * golden) % 1) - ((b * golden) % 1))
    .map((i) => mutants[Math.floor((i + offset) * step) % mutants.length]!);
}
