import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { EngineModule } from "./engineModule.ts";
import type { ChildCommand } from "./launcher.ts";

/** Command line of the child: it may read its own source and nothing else of the file system, and start nothing. */
export function childCommand(heapMegabytes: number, engine: EngineModule | undefined): ChildCommand {
  const here = fileURLToPath(import.meta.url);
  const entry = join(dirname(here), here.endsWith(".ts") ? "child.ts" : "child.js");
  const readable = [...sourceRoots(here), ...(engine?.roots ?? [])];
  const permissions = ["--permission", "--allow-worker", ...readable.map((root) => `--allow-fs-read=${root}`)];
  const addons = engine?.usesAddons ? "--allow-addons" : "--no-addons";
  const flags = ["--no-warnings", addons, `--max-old-space-size=${heapMegabytes}`];
  const engineArgs = engine === undefined ? [] : [engine.url];
  return { program: process.execPath, args: [...permissions, ...flags, entry, ...engineArgs], readable };
}

/** Packages whose source the child runs. */
function sourceRoots(here: string): string[] {
  const own = dirname(dirname(dirname(here)));
  const protocol = dirname(dirname(fileURLToPath(import.meta.resolve("@demec/protocol/errors"))));
  const ciphers = dirname(fileURLToPath(import.meta.resolve("@noble/ciphers/chacha.js")));
  return [own, protocol, ciphers];
}
