/**
 * Publishes the tarballs in `dist/tarballs` that the registry has not got yet: what a former run left off is taken up.
 * Run by .github/workflows/publish.yml, after `pnpm check:packages` passed over the same tarballs.
 */
import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const DIST = join(import.meta.dirname, "../dist");

const npm = (...args: string[]) => spawnSync("npm", args, { stdio: ["ignore", "ignore", "inherit"] }).status === 0;

for (const folder of readdirSync(join(DIST, "packages"))) {
  const { name, version } = JSON.parse(readFileSync(join(DIST, "packages", folder, "package.json"), "utf8"));
  if (npm("view", `${name}@${version}`, "version", "--silent")) continue;
  const tarball = join(DIST, "tarballs", `demec-${folder}-${version}.tgz`);
  if (!npm("publish", tarball, "--provenance", "--access", "public")) process.exit(1);
  console.log(`published ${name}@${version}`);
}
