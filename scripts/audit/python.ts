import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { SCRATCH } from "./outcome.ts";

const PACKAGES = ["slither-analyzer==0.11.6", "halmos==0.3.3"] as const;
export const PYTHON_BIN = join(SCRATCH, "python", process.platform === "win32" ? "Scripts" : "bin");

/** Makes the auditors' virtual environment where it isn't there yet. @returns why it can't be made, or null */
export function preparePython(): string | null {
  if (existsSync(join(PYTHON_BIN, "slither")) && existsSync(join(PYTHON_BIN, "halmos"))) return null;
  const steps: [string, string[]][] = [
    ["python3", ["-m", "venv", join(SCRATCH, "python")]],
    [join(PYTHON_BIN, "pip"), ["install", "--quiet", ...PACKAGES]],
  ];
  for (const [command, args] of steps) {
    const { status, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
    if (status !== 0)
      return `${command} ${args.join(" ")} failed: ${error?.message ?? stderr.trim().split("\n").at(-1)}`;
  }
  return null;
}

/** Runs a tool of the environment, with forge on its path where it asks for one. */
export function runPython(
  tool: string,
  args: readonly string[],
  options: { cwd: string; profile: string; path?: string },
) {
  return spawnSync(join(PYTHON_BIN, tool), args, {
    cwd: options.cwd,
    env: {
      ...process.env,
      PATH: [options.path, PYTHON_BIN, process.env.PATH].filter((part) => part !== undefined).join(":"),
      FOUNDRY_PROFILE: options.profile,
      NO_COLOR: "1",
    },
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
}
