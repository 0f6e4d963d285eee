/**
 * The sandbox of Linux: bubblewrap puts a child into namespaces of its own, where there is no network, no other process
 * and no file but what it is given, read-only. It needs no privilege where the kernel allows user namespaces.
 */
import { spawn, spawnSync } from "node:child_process";
import { accessSync, constants, realpathSync } from "node:fs";
import { delimiter, join } from "node:path";
import type { Readable } from "node:stream";
import { DemecError } from "@demec/protocol/errors";
import type { ChildCommand, Launcher } from "./launcher.ts";

/** Descriptor on which bubblewrap says which process the program is. */
const INFO_FD = 4;
const PROBE_TIMEOUT_MS = 10_000;

const ISOLATION = [
  "--unshare-all",
  "--die-with-parent",
  "--new-session",
  "--clearenv",
  ...["--cap-drop", "ALL"],
  // A shell between would be one more process to watch; the child knows that it can't be killed by itself.
  "--as-pid-1",
];
/** The sandbox's own root is a file system in memory: read-only, or it would be memory that nobody counts. */
const FILE_SYSTEMS = ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/"];

/**
 * Starts children under bubblewrap. Found and tried once.
 * @throws executor/no-sandbox where it is not installed or does not work here
 */
export function bubblewrapLauncher(): Launcher {
  const bwrap = findBubblewrap();
  const libraries = loadedLibraries();
  const args = (command: ChildCommand, info: readonly string[]) => {
    const paths = new Set([...libraries, command.program, ...command.readable]);
    const binds = [...paths].flatMap((path) => ["--ro-bind", path, path]);
    return [...ISOLATION, ...info, ...binds, ...FILE_SYSTEMS, "--", command.program, ...command.args];
  };
  probe(bwrap, args({ program: process.execPath, args: ["--version"], readable: [] }, []));
  return {
    name: "bubblewrap",
    launch(command, onPid) {
      const child = spawn(bwrap, args(command, ["--info-fd", String(INFO_FD)]), {
        env: {},
        stdio: ["pipe", "pipe", "ignore", "pipe", "pipe"],
        // A process group of its own: see kill.
        detached: true,
      });
      let info = "";
      const stream = child.stdio[INFO_FD] as Readable;
      stream.on("error", () => {});
      stream.on("data", (text) => {
        info += text;
      });
      stream.on("end", () => {
        const pid = Number(/"child-pid": *(\d+)/.exec(info)?.[1]);
        if (pid > 0) onPid(pid);
      });
      return child;
    },
    kill(child) {
      if (child.pid === undefined) return;
      // While it sets the sandbox up bubblewrap is two processes, of which the inner waits for the outer for ever.
      try {
        process.kill(-child.pid, "SIGKILL");
      } catch {}
    },
  };
}

function findBubblewrap(): string {
  if (process.platform !== "linux") throw noSandbox(`bubblewrap is of Linux, this is ${process.platform}`);
  const folders = [...(process.env.PATH ?? "").split(delimiter), "/usr/bin", "/usr/local/bin"];
  for (const folder of folders) {
    const path = join(folder, "bwrap");
    try {
      accessSync(path, constants.X_OK);
      return realpathSync(path);
    } catch {}
  }
  throw noSandbox("bubblewrap is not installed");
}

/** Runs Node once under bubblewrap: whether a kernel lets it make namespaces shows in no other way. */
function probe(bwrap: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(bwrap, args, { env: {}, timeout: PROBE_TIMEOUT_MS, encoding: "utf8" });
  if (status !== 0) throw noSandbox(`bubblewrap does not work here (${error?.message ?? stderr.trim()})`);
}

/** Libraries of this process, which is the same program as the child, with the loader. */
function loadedLibraries(): string[] {
  const report = process.report as typeof process.report & { excludeNetwork: boolean };
  const { excludeNetwork } = report;
  // Looking up the names of its addresses may take seconds.
  report.excludeNetwork = true;
  try {
    const { sharedObjects } = report.getReport() as unknown as { sharedObjects: string[] };
    return sharedObjects.filter((path) => path.startsWith("/") && !path.endsWith(".node"));
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}

function noSandbox(reason: string): DemecError {
  return new DemecError("executor/no-sandbox", `There is no sandbox: ${reason}.`, { details: { reason } });
}
