import { setFlagsFromString } from "node:v8";

/**
 * Makes this process's V8 heed the branch hints that the meter writes (meter/branchHints.ts), which Chromium does unasked
 * and Node 24 by a flag alone. A V8 that has dropped the flag says so on stderr and goes on.
 */
export function enableBranchHinting(): void {
  setFlagsFromString("--experimental-wasm-branch-hinting");
}
