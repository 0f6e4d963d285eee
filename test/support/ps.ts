import { spawnSync } from "node:child_process";

/** Why other processes can't be looked at here, or false. */
export const noPs = spawnSync("ps", ["-A"]).error !== undefined && "there is no ps to look at processes with";
