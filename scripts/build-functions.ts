/**
 * Compiles the example functions from source with tools from npm alone, into examples/functions/<name>/build/.
 * What is newer than its sources is left as it is.
 */
import { execFile } from "node:child_process";
import { mkdirSync, readdirSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const FUNCTIONS = fileURLToPath(new URL("../examples/functions/", import.meta.url));
const SELF = fileURLToPath(import.meta.url);

interface Recipe {
  /** Path of the result below examples/functions. */
  readonly output: string;
  readonly source: string;
  readonly flags: readonly string[];
}

const OPTIMISED = ["--optimizeLevel", "3", "--shrinkLevel", "0", "--converge"];
/** Reactors have no one to tell why they abort: they trap. */
const REACTOR = [...OPTIMISED, "--runtime", "stub", "--use", "abort="];
const SHIM = "node_modules/@assemblyscript/wasi-shim";
const COMMAND = [...OPTIMISED, "--runtime", "incremental", "--config", `${SHIM}/asconfig.json`];

const RECIPES: readonly Recipe[] = [
  {
    output: "thumbnail/build/thumbnail.wasm",
    source: "thumbnail/assembly/index.ts",
    flags: REACTOR,
  },
  { output: "wordcount/build/wordcount.wasm", source: "wordcount/assembly/index.ts", flags: COMMAND },
  { output: "faulty/build/trap.wasm", source: "faulty/assembly/trap.ts", flags: REACTOR },
  { output: "faulty/build/spin.wasm", source: "faulty/assembly/spin.ts", flags: REACTOR },
];

/** Compiles what is out of date and returns the paths of what was compiled. */
export async function buildFunctions(): Promise<string[]> {
  const built: string[] = [];
  for (const recipe of RECIPES) {
    const output = join(FUNCTIONS, recipe.output);
    if (isUpToDate(output, dirname(join(FUNCTIONS, recipe.source)))) continue;
    mkdirSync(dirname(output), { recursive: true });
    await compile({ ...recipe, output });
    built.push(output);
  }
  return built;
}

function isUpToDate(output: string, sources: string): boolean {
  const made = statSync(output, { throwIfNoEntry: false })?.mtimeMs;
  if (made === undefined) return false;
  const inputs = [SELF, join(FUNCTIONS, "package.json"), ...readdirSync(sources).map((name) => join(sources, name))];
  return inputs.every((input) => statSync(input).mtimeMs <= made);
}

async function compile({ source, output, flags }: Recipe): Promise<void> {
  const asc = join(dirname(fileURLToPath(import.meta.resolve("assemblyscript/asc"))), "../bin/asc.js");
  // A process of its own: the shim names its library relative to the working directory.
  await promisify(execFile)(process.execPath, [asc, source, "--outFile", output, ...flags], { cwd: FUNCTIONS });
}

if (process.argv[1] === SELF) {
  const built = await buildFunctions();
  for (const output of built) {
    console.log(`${relative(process.cwd(), output)}  ${statSync(output).size} bytes`);
  }
  if (built.length === 0) console.log("example functions are up to date");
}
