#!/usr/bin/env node
// The `demec` command of this clone, on any Node >= 20: at first it installs what the lockfile names and compiles the
// contracts, then it runs the command under the Node that the workspace pins.
import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { installPackages, ROOT, runScript } from "../scripts/install.mjs";

const newest = (folder) =>
  Math.max(...readdirSync(folder, { recursive: true }).map((name) => statSync(join(folder, name)).mtimeMs));
const isOlder = (file, folder) => !existsSync(file) || statSync(file).mtimeMs < newest(folder);

installPackages();
if (isOlder(join(ROOT, "packages/cli/dev-chain.json"), join(ROOT, "contracts"))) {
  console.error("demec: compiling the contracts …");
  // Its output is none of the command's.
  runScript("build:contracts", [], 2);
}
const pinned = join(ROOT, `node_modules/node-${process.platform}-${process.arch}/bin/node`);
const child = spawn(
  existsSync(pinned) ? pinned : process.execPath,
  [join(ROOT, "packages/cli/src/main.ts"), ...process.argv.slice(2)],
  { stdio: "inherit", env: { ...process.env, NODE_COMPILE_CACHE: join(ROOT, "node_modules/.cache/demec") } },
);
// A terminal sends Ctrl-C to both; what is sent to this process alone is handed on.
process.on("SIGINT", () => {});
process.on("SIGTERM", () => child.kill("SIGTERM"));
child.on("exit", (code, signal) => process.exit(code ?? (signal === "SIGINT" ? 130 : 143)));
