import { execFileSync, spawnSync } from "node:child_process";

/** Why no disk can be filled here, or false. */
export const noFullDisk =
  spawnSync("prlimit", ["--version"]).error !== undefined && "there is no prlimit to fill a disk with";

/** From now on every file that a process makes longer fails it (EFBIG), as on a disk that is full. */
export const fillDisk = (pid: number) => void execFileSync("prlimit", ["--pid", `${pid}`, "--fsize=1:"]);
