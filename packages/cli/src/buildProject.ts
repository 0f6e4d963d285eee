import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { DemecError, type Hex, type Shape, sha256 } from "@demec/protocol";
import { bakeScript, inspectModule } from "@demec/wasm";
import { toHex } from "viem";
import { readBytes } from "./config.ts";
import type { Project } from "./project.ts";
import { readSchema } from "./schemaFile.ts";

export interface BuiltModule {
  readonly module: string;
  readonly bytes: number;
  readonly shape: Shape;
  readonly codeHash: Hex;
}

/**
 * Makes a project's module and checks that it can be sold, and that its schemas, where it has them, are some.
 * @throws cli/build-failed with what its build said, wasm/… for a module that can't be run, sdk/bad-schema
 */
export async function buildProject(project: Project): Promise<BuiltModule> {
  const { folder, build, script } = project;
  const path = join(folder, project.module);
  if (build !== undefined) await run(build, folder);
  if (script !== undefined) {
    const runtime = readBytes("Runtime", resolve(folder, script.runtime));
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bakeScript(runtime, readBytes("Script", join(folder, script.file))));
  }
  const module = readBytes("Module", path);
  const { shape } = inspectModule(module);
  if (project.schema !== undefined) readSchema(join(folder, project.schema));
  return { module: path, bytes: module.length, shape, codeHash: toHex(sha256(module)) };
}

/** Runs a shell command as npm would: with the project's own programs first on the path. */
async function run(command: string, folder: string): Promise<void> {
  const env = { ...process.env, PATH: [join(folder, "node_modules/.bin"), process.env.PATH].join(delimiter) };
  const child = spawn(command, { cwd: folder, env, shell: true, stdio: ["ignore", "pipe", "pipe"] });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (child.exitCode === 0) return;
  throw new DemecError("cli/build-failed", `"${command}" failed:\n${`${stdout}${stderr}`.trim()}\n`, {
    details: { command, code: child.exitCode },
  });
}
