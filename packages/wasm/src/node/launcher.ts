import { type ChildProcess, spawn } from "node:child_process";
import { parse } from "node:path";

/** A program to start, and all of the file system that it needs. */
export interface ChildCommand {
  readonly program: string;
  readonly args: readonly string[];
  /** Files and folders, by absolute path, that it reads besides itself and its libraries. */
  readonly readable: readonly string[];
}

/** How a child process is started, and what the machine puts around it. */
export interface Launcher {
  /** What `status` says of the sandbox: its name, or `none: ` and the reason. */
  readonly name: string;
  /**
   * Starts `command` without environment; descriptors 0, 1 and 3 are pipes, 2 is dropped.
   * @param onPid told once which process runs the program: not the one returned, where a sandbox stands between
   */
  launch(command: ChildCommand, onPid: (pid: number) => void): ChildProcess;
  /** Ends what was launched, at once and wholly. */
  kill(child: ChildProcess): void;
}

/**
 * No sandbox of the operating system: an empty environment and Node's permission model, which holds files, processes and
 * add-ons but not the network.
 * @param reason why there is none
 */
export function plainLauncher(reason: string): Launcher {
  return {
    name: `none: ${reason}`,
    launch({ program, args }, onPid) {
      const cwd = parse(program).root;
      const child = spawn(program, args, {
        cwd,
        env: {},
        stdio: ["pipe", "pipe", "ignore", "pipe"],
        windowsHide: true,
      });
      if (child.pid !== undefined) onPid(child.pid);
      return child;
    },
    kill: (child) => void child.kill("SIGKILL"),
  };
}
