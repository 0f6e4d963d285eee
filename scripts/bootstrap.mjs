// Runs on any Node >= 20 with nothing installed: brings the workspace up from the lockfile, then hands over to
// `pnpm run <script>`, under which the pinned Node 24 from npm comes first on the path.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const [script, ...args] = process.argv.slice(2);
const pnpmVersion = JSON.parse(readFileSync(join(root, "package.json"), "utf8")).packageManager.split("@")[1];
const stamp = join(root, "node_modules", ".demec-lockfile");
const lockfile = readFileSync(join(root, "pnpm-lock.yaml"), "utf8");

/** Runs a command with its output on stderr, so that stdout stays the script's own (`-- --json`). */
function run(command, commandArgs, stdout) {
  const { status, signal, error } = spawnSync(command, commandArgs, {
    cwd: root,
    stdio: ["inherit", stdout, "inherit"],
    shell: process.platform === "win32",
  });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? (signal ? 1 : 0));
}

if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== lockfile) {
  console.error("demec: installing packages from the lockfile …");
  run("npx", ["--yes", `pnpm@${pnpmVersion}`, "install", "--frozen-lockfile", "--reporter=append-only"], 2);
  writeFileSync(stamp, lockfile);
}
const pnpm = join(root, "node_modules", "pnpm", "bin", "pnpm.cjs");
run(process.execPath, [pnpm, "--silent", "run", script, ...args], "inherit");
