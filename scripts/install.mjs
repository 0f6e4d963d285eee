// What any Node >= 20 does with nothing installed: brings the workspace up from the lockfile.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
/** pnpm, once the packages are there. */
const PNPM = join(ROOT, "node_modules", "pnpm", "bin", "pnpm.cjs");

/** Installs the packages of the lockfile, unless they are there. Says so on stderr: stdout is the program's own. */
export function installPackages() {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const stamp = join(ROOT, "node_modules", ".demec-lockfile");
  const lockfile = readFileSync(join(ROOT, "pnpm-lock.yaml"), "utf8");
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === lockfile) return;
  console.error("demec: installing packages from the lockfile …");
  run("npx", ["--yes", packageManager, "install", "--frozen-lockfile", "--reporter=append-only"], 2);
  writeFileSync(stamp, lockfile);
}

/** `pnpm run` of a script of the workspace, under the Node that it pins. @param stdout where its output goes */
export function runScript(script, args, stdout) {
  run(process.execPath, [PNPM, "--silent", "run", script, ...args], stdout);
}

function run(command, args, stdout) {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: ROOT,
    stdio: ["inherit", stdout, "inherit"],
    shell: process.platform === "win32",
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? (signal ? 1 : 0));
}
