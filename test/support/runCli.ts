import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { buffer, text } from "node:stream/consumers";
import { COMPILE_CACHE } from "../../scripts/local/jsonProcess.ts";

const ROOT = join(import.meta.dirname, "../..");

export interface Ran {
  readonly code: number | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Runs a program of this repository to its end, as a shell would. @param path from the repository's root */
export async function run(
  path: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  input = "",
): Promise<Ran> {
  const child = spawn(process.execPath, [resolve(ROOT, path), ...args], {
    env: { ...process.env, ...COMPILE_CACHE, ...env },
  });
  child.stdin.end(input);
  const [stdout, stderr] = await Promise.all([buffer(child.stdout), text(child.stderr), once(child, "close")]);
  return { code: child.exitCode, stdout, stderr };
}

export const runCli = (args: readonly string[], env: Readonly<Record<string, string>>, input?: string) =>
  run("packages/cli/src/main.ts", args, env, input);
