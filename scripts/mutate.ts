// Mutation testing: `node scripts/mutate.ts [--sample N] [--seed S] [--file PATTERN] [--again]`. Changes the contracts by one token or
// statement at a time, in a copy of the tree, and runs the Solidity tests under forge against each mutant. A mutant is killed
// when a test fails, or doesn't end; what doesn't compile is none. Survivors are listed, and in .demec/mutation/report.json;
// --again tries only the survivors of that report. --file is a regular expression.
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runForge } from "./audit/forge.ts";
import { type Mutant, mutantsOf } from "./audit/mutants.ts";

const ROOT = join(import.meta.dirname, "..");
const HOME = join(ROOT, ".demec/mutation");
const TREE = join(HOME, "tree");
const REPORT = join(HOME, "report.json");
/** A mutant that takes longer than this loops for ever. */
const TIMEOUT_MS = 300_000;
/** Share of mutants that tests must kill. */
const LEAST_KILLED = 0.9;

type Fate = "killed" | "survived" | "timeout" | "invalid";

const { values: options } = parseArgs({
  options: {
    sample: { type: "string" },
    seed: { type: "string", default: "1" },
    file: { type: "string", default: "" },
    again: { type: "boolean", default: false },
  },
});
const files = globSync("contracts/{*.sol,{libraries,market,faults}/*.sol}", { cwd: ROOT })
  .filter((file) => !file.endsWith("/Errors.sol") && new RegExp(options.file).test(file))
  .sort();
const all = mutantsOf(files);
const chosen = choose(options.again ? survivorsAmong(all) : all);
console.log(`${chosen.length} of ${all.length} mutants of ${files.length} files`);

prepareTree();
const sources = new Map(files.map((file) => [file, readFileSync(join(TREE, file))]));
if (test() !== "survived") throw new Error("The unchanged contracts fail their tests under forge.");
const results: (Mutant & { fate: Fate })[] = [];
for (const mutant of chosen) {
  const source = sources.get(mutant.file)!;
  const mutated = Buffer.concat([
    source.subarray(0, mutant.start),
    Buffer.from(mutant.after),
    source.subarray(mutant.end),
  ]);
  writeFileSync(join(TREE, mutant.file), mutated);
  const fate = test();
  writeFileSync(join(TREE, mutant.file), source);
  results.push({ ...mutant, fate });
  writeFileSync(REPORT, `${JSON.stringify(results, null, 1)}\n`);
  if (fate === "survived") console.log(`survived ${describe(mutant)}`);
  else if (results.length % 25 === 0) console.log(`… ${results.length}`);
}

function choose(mutants: readonly Mutant[]): readonly Mutant[] {
  return options.sample === undefined ? mutants : sample(mutants, Number(options.sample), Number(options.seed));
}

/** Those of `mutants` that the last report calls survivors; lines may have moved since. */
function survivorsAmong(mutants: readonly Mutant[]): Mutant[] {
  if (!existsSync(REPORT)) throw new Error(`There is no ${REPORT} yet.`);
  const report = JSON.parse(readFileSync(REPORT, "utf8")) as (Mutant & { fate: Fate })[];
  const key = ({ file, inside, operator, before, after }: Mutant) =>
    JSON.stringify([file, inside, operator, before, after]);
  const survivors = new Set(report.filter(({ fate }) => fate === "survived").map(key));
  return mutants.filter((mutant) => survivors.has(key(mutant)));
}

const count = (fate: Fate) => results.filter((result) => result.fate === fate).length;
const killed = count("killed") + count("timeout");
const valid = results.length - count("invalid");
console.log(
  `${killed} of ${valid} mutants killed (${((100 * killed) / valid).toFixed(1)}%), ${count("timeout")} of them by the clock; ` +
    `${count("invalid")} did not compile.`,
);
process.exitCode = killed >= LEAST_KILLED * valid ? 0 : 1;

function describe({ file, line, inside, operator, before, after }: Mutant): string {
  const short = (text: string) => text.replace(/\s+/g, " ").slice(0, 60);
  return `${file}:${line} ${inside}: ${operator}: \`${short(before)}\` became \`${short(after)}\``;
}

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

/** `count` of the mutants, spread evenly over the source; the seed shifts which. */
function sample(mutants: readonly Mutant[], count: number, seed: number): Mutant[] {
  const step = mutants.length / Math.min(count, mutants.length);
  const offset = (seed * 0.618_033_988) % 1;
  return Array.from(
    { length: Math.min(count, mutants.length) },
    (_, i) => mutants[Math.floor((i + offset) * step) % mutants.length]!,
  );
}
