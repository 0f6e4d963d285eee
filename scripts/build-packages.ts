/**
 * Makes what is published: `dist/packages/<name>` has each package as JavaScript with declarations, and `dist/tarballs`
 * the same as npm packs it. Run by `pnpm build:packages`, after the contracts' ABIs are there.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { type Manifest, publishedManifest } from "./release/manifest.ts";
import { PAGE_BUNDLES, writePageBundles } from "./release/pageBundles.ts";

const ROOT = join(import.meta.dirname, "..");
const DIST = join(ROOT, "dist");
const COMPILED = join(DIST, ".tsc");
const PACKAGES = join(DIST, "packages");
const TARBALLS = join(DIST, "tarballs");

const manifestOf = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(ROOT, "packages", folder, "package.json"), "utf8"));
const sources = readdirSync(join(ROOT, "packages"))
  .filter((folder) => existsSync(join(ROOT, "packages", folder, "package.json")))
  .map((folder) => ({ folder, manifest: manifestOf(folder) }))
  .filter(({ manifest }) => manifest.private !== true);
const versions = new Map(sources.map(({ manifest }) => [manifest.name, manifest.version]));

function versionOf(name: string): string {
  const version = versions.get(name);
  if (version === undefined) throw new Error(`${name} is not published.`);
  return version;
}

function compile(): void {
  execFileSync("tsc", ["-p", join(ROOT, "tsconfig.build.json")], { stdio: "inherit", cwd: ROOT });
  for (const file of filesOf(COMPILED)) {
    if (file.endsWith(".js")) {
      // Workers, which bundlers find by this form; tsc does not.
      const script = readFileSync(file, "utf8");
      const rewritten = script.replace(/(new URL\("\.[^"]*)\.ts(", import\.meta\.url\))/g, "$1.js$2");
      if (rewritten !== script) writeFileSync(file, rewritten);
    }
    if (!file.endsWith(".d.ts")) continue;
    const text = readFileSync(file, "utf8")
      // tsc rewrites relative imports of scripts only,
      .replace(/((?:from |import\()"\.\.?\/[^"]*)\.tsx?"/g, '$1.js"')
      // and lets references go on pointing at the source. Entry points have them, at the top of their package.
      .replace(/(<reference path=")[./]+\/packages\/[^/]+\/src\//g, "$1./");
    writeFileSync(file, text);
  }
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

/** A folder with all that a package consists of. */
function stage(folder: string, manifest: Manifest): void {
  const target = join(PACKAGES, folder);
  mkdirSync(target, { recursive: true });
  copyFileSync(join(ROOT, "LICENSE"), join(target, "LICENSE"));
  writeFileSync(join(target, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
}

function stageSource(folder: string, manifest: Manifest): void {
  stage(folder, manifest);
  const source = join(ROOT, "packages", folder);
  const target = join(PACKAGES, folder);
  copyFileSync(join(source, "README.md"), join(target, "README.md"));
  cpSync(join(COMPILED, folder, "src"), join(target, "lib"), { recursive: true });
  for (const asset of manifest.files ?? []) {
    if (asset !== "lib") cpSync(join(source, asset), join(target, asset), { recursive: true });
  }
  // Declarations that are written by hand: tsc doesn't emit them.
  for (const file of filesOf(join(source, "src")).filter((file) => file.endsWith(".d.ts"))) {
    copyFileSync(file, join(target, "lib", relative(join(source, "src"), file)));
  }
}

/**
 * The Wasmtime add-on, a package for each platform it was built for: `demec-wasmtime.node` is this machine's own, others
 * are brought by the publish workflow as `demec-wasmtime.<platform>-<arch>.node`.
 * @returns the packages, for the manifest of the one that loads them
 */
function stageAddons(version: string): Record<string, string> {
  const native = join(ROOT, "packages/wasmtime/native");
  const files = existsSync(native) ? readdirSync(native) : [];
  const addons: Record<string, string> = {};
  for (const file of files) {
    const match = /^demec-wasmtime(?:\.([a-z0-9]+)-([a-z0-9]+))?\.node$/.exec(file);
    if (match === null) continue;
    const [, platform = process.platform, arch = process.arch] = match;
    const folder = `wasmtime-${platform}-${arch}`;
    const manifest = {
      name: `@demec/${folder}`,
      version,
      description: `The Wasmtime engine of deMEC for ${platform} on ${arch}`,
      license: "MIT",
      type: "commonjs",
      os: [platform],
      cpu: [arch],
      ...(platform === "linux" && { libc: ["glibc"] }),
      exports: { ".": "./demec-wasmtime.node", "./package.json": "./package.json" },
      publishConfig: { access: "public" },
    };
    stage(folder, manifest);
    copyFileSync(join(native, file), join(PACKAGES, folder, "demec-wasmtime.node"));
    addons[manifest.name] = version;
  }
  return addons;
}

rmSync(DIST, { recursive: true, force: true });
mkdirSync(TARBALLS, { recursive: true });
compile();
execFileSync("vite", ["build", "--config", join(ROOT, "packages/console/vite.config.ts")], { stdio: "inherit" });
for (const { folder, manifest } of sources) {
  const addons = manifest.name === "@demec/wasmtime" ? { optionalDependencies: stageAddons(manifest.version) } : {};
  const bundled = PAGE_BUNDLES[folder] ?? [];
  stageSource(folder, { ...publishedManifest(manifest, versionOf, bundled), ...addons });
  if (bundled.length > 0) await writePageBundles(join(ROOT, "packages", folder), join(PACKAGES, folder), bundled);
}
rmSync(COMPILED, { recursive: true });
const folders = readdirSync(PACKAGES).map((folder) => join(PACKAGES, folder));
execFileSync("npm", ["pack", "--silent", "--pack-destination", TARBALLS, ...folders], {
  stdio: ["ignore", "ignore", "inherit"],
});
console.log(`packed ${folders.length} packages into dist/tarballs`);
