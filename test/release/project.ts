/** A throw-away project outside the workspace, into which the packed packages are installed as a user would. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { Manifest } from "../../scripts/release/manifest.ts";

const ROOT = join(import.meta.dirname, "../..");
const TARBALLS = join(ROOT, "dist/tarballs");
const PNPM = join(ROOT, "node_modules/pnpm/bin/pnpm.cjs");

export interface PackedPackage extends Manifest {
  readonly tarball: string;
  /** Where it is installed. */
  readonly folder: string;
}

export class Project implements Disposable {
  readonly folder: string;
  readonly packages: readonly PackedPackage[];

  /**
   * Installs everything that `pnpm build:packages` packed, flat as npm does, from what the workspace downloaded already.
   * @param dependencies by name and version, besides
   */
  constructor(dependencies: Readonly<Record<string, string>>) {
    this.folder = mkdtempSync(join(tmpdir(), "demec-release-"));
    const tarballs = readdirSync(TARBALLS).map((file) => join(TARBALLS, file));
    const packed = Object.fromEntries(tarballs.map((tarball) => [nameOf(tarball), `file:${tarball}`]));
    const manifest = {
      name: "consumer",
      private: true,
      type: "module",
      dependencies: { ...packed, ...dependencies },
      // What they need of each other is not in the registry yet.
      pnpm: { overrides: packed },
    };
    this.write("package.json", JSON.stringify(manifest));
    const install = ["install", "--silent", "--prefer-offline", "--ignore-scripts", "--config.node-linker=hoisted"];
    execFileSync(process.execPath, [PNPM, ...install], { cwd: this.folder, stdio: ["ignore", "ignore", "inherit"] });
    this.packages = tarballs.map((tarball) => {
      const folder = join(this.folder, "node_modules", nameOf(tarball));
      return { ...JSON.parse(readFileSync(join(folder, "package.json"), "utf8")), tarball, folder };
    });
  }

  /** @returns the file's absolute path */
  write(path: string, text: string): string {
    const file = join(this.folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Of `…/demec-sdk-0.1.0.tgz`: @demec/sdk. */
function nameOf(tarball: string): string {
  return `@demec/${/demec-(.+?)-\d+\.\d+\.\d+[^/]*\.tgz$/.exec(tarball)![1]}`;
}
