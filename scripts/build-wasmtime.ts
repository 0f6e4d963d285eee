/**
 * Builds the Wasmtime engine (packages/wasmtime) with cargo and puts the add-on where the package looks for it. Where
 * there is no cargo, or one that is too old, it says so and the V8 engine does the work; with REQUIRE_ALL=1 that is an error.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";

const PACKAGE = join(import.meta.dirname, "../packages/wasmtime");
const TARGET = join(PACKAGE, "target");
const ADDON = join(PACKAGE, "native/demec-wasmtime.node");
const LIBRARIES: Readonly<Record<string, string>> = {
  linux: "libdemec_wasmtime.so",
  darwin: "libdemec_wasmtime.dylib",
};

function skip(why: string): never {
  console.log(`wasmtime # SKIP ${why}: calls run on V8 instead`);
  // For scripts/check.ts, which counts what runners say of themselves.
  console.log("ℹ skipped 1");
  process.exit(process.env.REQUIRE_ALL === "1" ? 1 : 0);
}

/** Version as one number, of "rustc 1.95.0 (…)" or "1.95". */
function versionOf(text: string): number {
  const [, major = "0", minor = "0"] = /(\d+)\.(\d+)/.exec(text) ?? [];
  return Number(major) * 1000 + Number(minor);
}

const library = LIBRARIES[process.platform];
if (library === undefined) skip(`the add-on is not made for ${process.platform}`);
let rustc: string;
try {
  execFileSync("cargo", ["--version"], { stdio: "ignore" });
  rustc = execFileSync("rustc", ["--version"], { encoding: "utf8" }).trim();
} catch {
  skip("there is no cargo");
}
const needed = /^rust-version = "(.+)"$/m.exec(readFileSync(join(PACKAGE, "Cargo.toml"), "utf8"))![1]!;
if (versionOf(rustc) < versionOf(needed)) skip(`${rustc} is older than ${needed}`);

// One core stays free where there are more than two: this compiles a compiler.
const jobs = String(Math.max(2, availableParallelism() - 1));
// The bench too: on its own it would share no dependency, and it takes seconds.
const args = ["build", "--release", "--locked", "--workspace", "--jobs", jobs];
const env = { ...process.env, CARGO_TARGET_DIR: TARGET };
const { status } = spawnSync("cargo", args, { cwd: PACKAGE, env, stdio: "inherit" });
if (status !== 0) process.exit(status ?? 1);

mkdirSync(dirname(ADDON), { recursive: true });
// Renamed into place: a process that has the former one open keeps it.
copyFileSync(join(TARGET, "release", library), `${ADDON}.new`);
renameSync(`${ADDON}.new`, ADDON);
console.log(`wasmtime is built: ${ADDON}`);
