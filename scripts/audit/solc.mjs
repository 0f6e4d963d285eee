#!/usr/bin/env node
// The Solidity compiler of the npm package `solc`, with the command line that forge and Slither expect of a native one.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const args = process.argv.slice(2);
const solc = createRequire(import.meta.url)("solc");
if (args.includes("--version")) {
  const version = solc.version().replace("Emscripten.clang", "Linux.g++");
  console.log(`solc, the solidity compiler commandline interface\nVersion: ${version}`);
} else if (args.includes("--standard-json")) {
  process.stdout.write(solc.compile(readFileSync(0, "utf8")));
} else {
  console.error(`Not supported: ${args.join(" ")}`);
  process.exitCode = 1;
}
