import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineModule } from "./engineModule.ts";

/** How a child process is started, and what the machine puts around it. */
export interface Launcher {
  readonly name: string;
  /** Starts `program` with `args`; descriptors 0, 1 and 3 are pipes, 2 is dropped. */
  launch(program: string, args: readonly string[], cwd: string): ChildProcess;
}

/** No sandbox of the operating system: an empty environment, an empty directory and Node's permission model. */
export const plainLauncher: Launcher = {
  name: "plain",
  launch: (program, args, cwd) =>
    spawn(program, args, { cwd, env: {}, stdio: ["pipe", "pipe", "ignore", "pipe"], windowsHide: true }),
};

/** Command line of the child: it may read its own source and nothing else of the file system, and start nothing. */
export function childCommand(
  heapMegabytes: number,
  engine: EngineModule | undefined,
): { program: string; args: string[] } {
  const here = fileURLToPath(import.meta.url);
  const entry = join(dirname(here), here.endsWith(".ts") ? "child.ts" : "child.js");
  const roots = [...sourceRoots(here), ...(engine?.roots ?? [])];
  const permissions = ["--permission", "--allow-worker", ...roots.map((root) => `--allow-fs-read=${root}`)];
  const addons = engine?.usesAddons ? "--allow-addons" : "--no-addons";
  const flags = ["--no-warnings", addons, `--max-old-space-size=${heapMegabytes}`];
  const engineArgs = engine === undefined ? [] : [engine.url];
  return { program: process.execPath, args: [...permissions, ...flags, entry, ...engineArgs] };
}

/** Packages whose source the child runs. */
function sourceRoots(here: string): string[] {
  const own = dirname(dirname(dirname(here)));
  const protocol = dirname(dirname(fileURLToPath(import.meta.resolve("@demec/protocol/errors"))));
  const ciphers = dirname(fileURLToPath(import.meta.resolve("@noble/ciphers/chacha.js")));
  return [own, protocol, ciphers];
}

/** An empty directory to run children in. */
export function emptyDirectory(): { readonly path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), "demec-executor-"));
  // Children can't write, so it is still empty; if it is not, leaving it is better than deleting blindly.
  const remove = () => {
    try {
      rmdirSync(path);
    } catch {}
  };
  return { path, remove };
}
