/**
 * What bundling this repository's own sources for browsers takes; who installs the packages has it done already
 * (scripts/build-packages.ts). For esbuild's `alias`, and Vite's and webpack's `resolve.alias`.
 */
import { join } from "node:path";

export const BROWSER_ALIAS: Readonly<Record<string, string>> = {
  "sodium-universal": join(import.meta.dirname, "../../packages/network/src/sodium/index.ts"),
};
