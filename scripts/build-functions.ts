/**
 * Compiles the example functions from source into examples/functions/<name>/build/: AssemblyScript with tools from npm
 * alone, C and Rust where their compilers are, with a line where they are not. What is newer than its sources stays.
 */
import { mkdirSync, readdirSync, renameSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { TOOLCHAINS } from "./functions/toolchains.ts";

const FUNCTIONS = fileURLToPath(new URL("../examples/functions/", import.meta.url));
const SELF = fileURLToPath(import.meta.url);

interface Recipe {
  readonly toolchain: keyof typeof TOOLCHAINS;
  /** Path of the result below examples/functions. */
  readonly output: string;
  /** Below examples/functions, or absolute; the first one's folder is the function's own. */
  readonly sources: readonly string[];
  readonly flags: readonly string[];
}

const OPTIMISED = ["--optimizeLevel", "3", "--shrinkLevel", "0", "--converge"];
/** Reactors have no one to tell why they abort: they trap. */
const REACTOR = [...OPTIMISED, "--runtime", "stub", "--use", "abort="];
const SHIM = "node_modules/@assemblyscript/wasi-shim";
const COMMAND = [...OPTIMISED, "--runtime", "incremental", "--config", `${SHIM}/asconfig.json`];
const reactor = (output: string, source: string): Recipe => ({
  ...{ toolchain: "assemblyScript", flags: REACTOR },
  ...{ output, sources: [source] },
});

const c = (name: string): Recipe => ({
  toolchain: "clang",
  output: `${name}/build/${name}.wasm`,
  sources: [`${name}/${name}.c`],
  flags: ["-O2", "-Wall", "-Wextra", "-Werror", "-Wl,--strip-all"],
});
const rust = (name: string): Recipe => ({
  toolchain: "rustc",
  output: `${name}/build/${name}.wasm`,
  sources: [`${name}/${name}.rs`],
  flags: ["-O", "-C", "panic=abort", "-C", "strip=symbols"],
});

const QUICKJS = join(
  dirname(createRequire(join(FUNCTIONS, "package.json")).resolve("qjsc/package.json")),
  "deps/quickjs_2021_03_27",
);

const RECIPES: readonly Recipe[] = [
  reactor("thumbnail/build/thumbnail.wasm", "thumbnail/assembly/index.ts"),
  reactor("template/build/template.wasm", "template/assembly/index.ts"),
  reactor("faulty/build/trap.wasm", "faulty/assembly/trap.ts"),
  reactor("faulty/build/spin.wasm", "faulty/assembly/spin.ts"),
  {
    toolchain: "assemblyScript",
    output: "wordcount/build/wordcount.wasm",
    sources: ["wordcount/assembly/index.ts"],
    flags: COMMAND,
  },
  {
    toolchain: "assemblyScript",
    output: "resize/build/resize.wasm",
    sources: ["resize/assembly/index.ts"],
    flags: COMMAND,
  },
  c("gzip"),
  c("sort"),
  rust("csvstats"),
  rust("join"),
  {
    toolchain: "clang",
    output: "javascript/build/javascript.wasm",
    sources: [
      "javascript/runtime.c",
      ...["quickjs", "libregexp", "libunicode", "cutils", "libbf"].map((name) => join(QUICKJS, `${name}.c`)),
    ],
    flags: [
      // Its warnings are not ours. It knows no WASI; what it leaves out for Emscripten is what WASI lacks too (threads).
      ...["-Os", "-w", "-isystem", QUICKJS, "-DEMSCRIPTEN", "-DCONFIG_STACK_CHECK", '-DCONFIG_VERSION="2021-03-27"'],
      // WebAssembly rounds to nearest only.
      ...["-DFE_DOWNWARD=0", "-DFE_UPWARD=0"],
      // The stack stands first, so that what overflows it leaves memory and traps.
      ...["-Wl,--strip-all", "-Wl,--stack-first", "-Wl,-z,stack-size=131072", "-Wl,--export=demec_script"],
    ],
  },
];

/** Why a function of this name is not built here; undefined: it is. */
export function whyNotBuilt(output: string): string | undefined {
  const recipe = RECIPES.find((recipe) => recipe.output === output);
  if (recipe === undefined) throw new Error(`No recipe makes ${output}.`);
  return TOOLCHAINS[recipe.toolchain].missing();
}

/** Compiles what is out of date and can be compiled here, and returns the paths of what was compiled. */
export async function buildFunctions(): Promise<string[]> {
  const built: string[] = [];
  for (const recipe of RECIPES) {
    if (whyNotBuilt(recipe.output) !== undefined) continue;
    const output = join(FUNCTIONS, recipe.output);
    if (isUpToDate(output, dirname(join(FUNCTIONS, recipe.sources[0]!)))) continue;
    const folder = dirname(output);
    mkdirSync(folder, { recursive: true });
    // Several tests may build at once, and each reads whole files only.
    const unfinished = join(folder, `${process.pid}-${basename(output)}`);
    await TOOLCHAINS[recipe.toolchain].compile({ ...recipe, folder: FUNCTIONS, output: unfinished });
    renameSync(unfinished, output);
    built.push(output);
  }
  return built;
}

function isUpToDate(output: string, sources: string): boolean {
  const made = statSync(output, { throwIfNoEntry: false })?.mtimeMs;
  if (made === undefined) return false;
  const inputs = [SELF, join(FUNCTIONS, "package.json"), ...readdirSync(sources).map((name) => join(sources, name))];
  return inputs.map((input) => statSync(input)).every((file) => !file.isFile() || file.mtimeMs <= made);
}

if (process.argv[1] === SELF) {
  const built = await buildFunctions();
  for (const output of built) {
    console.log(`${relative(process.cwd(), output)}  ${statSync(output).size} bytes`);
  }
  for (const { output } of RECIPES) {
    const reason = whyNotBuilt(output);
    if (reason !== undefined) console.log(`skipped ${output}: ${reason}`);
  }
  if (built.length === 0) console.log("example functions are up to date");
}
