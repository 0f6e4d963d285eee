/**
 * Entry points as browsers get them: what they import of packages that no bundler takes for a browser as they are
 * (CommonJS on Node's modules, and on libsodium as an add-on) is bundled in, so that a user's bundler has nothing to know.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import { BROWSER_ALIAS } from "../bundling/browser.ts";

/** By the package's folder. */
export const PAGE_BUNDLES: Readonly<Record<string, readonly string[]>> = { network: ["./browser", "./portable"] };
/** Found by every bundler, and shared with what else a page imports. */
const EXTERNAL = ["@demec/*", "@noble/*"];

/**
 * @param source folder of the package, @param target folder of what is published
 * @param entries paths of its exports
 */
export async function writePageBundles(source: string, target: string, entries: readonly string[]): Promise<void> {
  const outdir = join(target, "lib/page");
  const { metafile } = await build({
    entryPoints: entries.map((entry) => join(source, "src", `${entry.slice(2)}.ts`)),
    outdir,
    bundle: true,
    // What they have in common is one file: a page with both has each class once.
    splitting: true,
    chunkNames: "shared-[hash]",
    format: "esm",
    platform: "browser",
    target: "es2024",
    external: EXTERNAL,
    alias: BROWSER_ALIAS,
    metafile: true,
    logLevel: "warning",
  });
  mkdirSync(outdir, { recursive: true });
  writeFileSync(join(outdir, "LICENSES.txt"), licencesOf(Object.keys(metafile.inputs)));
}

/** Licences of the packages that these files are of, as each asks to be passed on. */
function licencesOf(files: readonly string[]): string {
  const folders = new Set(files.flatMap((file) => packageOf(file) ?? []));
  const packagesByText = new Map<string, string[]>();
  for (const folder of [...folders].sort()) {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const file = ["LICENSE", "LICENSE.md", "license"].map((file) => join(folder, file)).find(existsSync);
    const text = file === undefined ? "" : readFileSync(file, "utf8").trim();
    packagesByText.set(text, [...(packagesByText.get(text) ?? []), `${name} ${version} (${license})`]);
  }
  return [...packagesByText].map(([text, packages]) => `${packages.join("\n")}\n\n${text}\n`).join("\n---\n\n");
}

function packageOf(file: string): string | null {
  const folder = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file)?.[0];
  return folder ?? null;
}
