import { spawn } from "node:child_process";
import { once } from "node:events";
import { watch } from "node:fs";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { buildProject } from "../buildProject.ts";
import type { Project } from "../project.ts";

/** An editor writes more than once when it saves; milliseconds. */
const SETTLE_MS = 100;
const CLI = fileURLToPath(new URL(import.meta.url.endsWith(".ts") ? "../main.ts" : "../main.js", import.meta.url));
/** What a build writes itself. */
const MADE = /(^|[\\/])(node_modules|build|\.git|\.demec)([\\/]|$)/;

export interface Redeployed {
  readonly service: string;
  readonly name: string;
  /** From the saved file to the providers that serve it. */
  readonly milliseconds: number;
}

/** Builds and deploys a project now and after every change of its files, until the signal fires. */
export async function* redeployOnSave(project: Project, signal: AbortSignal): AsyncGenerator<Redeployed | Error> {
  let changed = Promise.withResolvers<void>();
  const watcher = watch(project.folder, { recursive: true, signal }, (_event, file) => {
    if (file !== null && !MADE.test(file)) changed.resolve();
  });
  // It is ended by the signal.
  watcher.on("error", () => undefined);
  const stopped = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  while (!signal.aborted) {
    const startedMs = performance.now();
    changed = Promise.withResolvers();
    try {
      await buildProject(project);
      const { service, name } = await deploy(project.folder, signal);
      yield { service, name, milliseconds: Math.round(performance.now() - startedMs) };
    } catch (error) {
      if (signal.aborted) return;
      yield error as Error;
    }
    await Promise.race([changed.promise, stopped]);
    await sleep(SETTLE_MS);
  }
}

/** `demec deploy` in the project's folder, in a process of its own, as its author would run it. */
async function deploy(folder: string, signal: AbortSignal): Promise<{ service: string; name: string }> {
  const child = spawn(process.execPath, [CLI, "deploy", "--json"], {
    ...{ cwd: folder, signal, killSignal: "SIGTERM" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr), once(child, "close")]);
  if (child.exitCode !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as { service: string; name: string };
}
