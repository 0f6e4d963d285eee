/**
 * Packs the SDK and the packages it stands on as `npm publish` would send them: compiled to JavaScript with types, each a
 * tarball in dist/packages. Prints their paths by name, as JSON.
 */
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..");
const DIST = join(ROOT, "dist");
const STAGING = join(DIST, "staging");
const PACKAGES = join(DIST, "packages");

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: unknown;
  readonly imports?: unknown;
}

/** The SDK's package and every one of ours that it needs, by folder. */
function closure(folder: string, found = new Map<string, Manifest>()): Map<string, Manifest> {
  if (found.has(folder)) return found;
  const manifest = JSON.parse(readFileSync(join(ROOT, "packages", folder, "package.json"), "utf8")) as Manifest;
  found.set(folder, manifest);
  for (const [name, version] of Object.entries(manifest.dependencies)) {
    if (version.startsWith("workspace:")) closure(name.replace("@demec/", ""), found);
  }
  return found;
}

/** Paths of sources in `exports` and `imports` become those of what they are compiled to. */
function compiled(value: unknown): unknown {
  if (typeof value === "string") {
    const path = value.replace(/\.ts$/, "");
    return { types: `${path}.d.ts`, default: `${path}.js` };
  }
  const entries = Object.entries(value as Record<string, unknown>).filter(([name]) => name !== "./testing");
  return Object.fromEntries(entries.map(([name, target]) => [name, compiled(target)]));
}

function compile(folders: readonly string[]): void {
  const config = join(DIST, "tsconfig.json");
  const sources = folders.map((folder) => `../packages/${folder}/src`);
  writeFileSync(
    config,
    JSON.stringify({
      extends: "../tsconfig.json",
      compilerOptions: {
        noEmit: false,
        declaration: true,
        rootDir: "../packages",
        outDir: "staging",
        typeRoots: ["../node_modules/@types"],
      },
      include: sources,
      exclude: ["**/*.test.ts", "**/testing/**", "**/testing.ts"].map((pattern) => `../packages/${pattern}`),
    }),
  );
  execFileSync(join(ROOT, "node_modules/.bin/tsc"), ["-p", config], { stdio: ["ignore", 2, 2] });
}

rmSync(DIST, { recursive: true, force: true });
mkdirSync(PACKAGES, { recursive: true });
const packages = closure("sdk");
compile([...packages.keys()]);
const tarballs: Record<string, string> = {};
for (const [folder, manifest] of packages) {
  const staged = join(STAGING, folder);
  for (const path of globSync("src/**/*.d.ts", { cwd: join(ROOT, "packages", folder) })) {
    cpSync(join(ROOT, "packages", folder, path), join(staged, path));
  }
  const dependencies = Object.entries(manifest.dependencies).map(([name, version]) => [
    name,
    version.startsWith("workspace:") ? packages.get(name.replace("@demec/", ""))!.version : version,
  ]);
  const { imports, ...rest } = manifest;
  const staging = {
    ...{ ...rest, devDependencies: undefined, engines: { node: ">=22" } },
    ...{ dependencies: Object.fromEntries(dependencies), exports: compiled(manifest.exports) },
    ...(imports === undefined ? {} : { imports: compiled(imports) }),
  };
  writeFileSync(join(staged, "package.json"), `${JSON.stringify(staging, null, 2)}\n`);
  cpSync(join(ROOT, "LICENSE"), join(staged, "LICENSE"));
  const packed = execFileSync("npm", ["pack", "--silent", "--pack-destination", PACKAGES], { cwd: staged });
  tarballs[manifest.name] = join(PACKAGES, packed.toString().trim());
}
rmSync(STAGING, { recursive: true });
console.log(JSON.stringify(tarballs));
