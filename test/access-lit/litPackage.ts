// The real Lit client, which has an installation of its own: 477 MB that the workspace does without.
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import type { LitClientModule } from "@demec/access-lit";

const HERE = new URL("lit/", import.meta.url);

/** Why tests with the real client are skipped, or false. */
export const skipLit =
  !existsSync(new URL("node_modules/@lit-protocol/lit-node-client", HERE)) &&
  "Lit's client is not installed (pnpm install --ignore-workspace --frozen-lockfile --dir test/access-lit/lit)";

const require = createRequire(new URL("package.json", HERE));
const NAME = "@lit-protocol/lit-node-client";

export async function loadLit(): Promise<LitClientModule> {
  return require(NAME) as LitClientModule;
}

/** A package that the client rests on. */
export function requireBeside(name: string): unknown {
  return createRequire(require.resolve(NAME))(name);
}
