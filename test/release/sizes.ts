/** What an entry point costs a page when it is loaded: bundled for browsers, minified, compressed. */
import { brotliCompressSync, gzipSync } from "node:zlib";
import { build, type Plugin } from "esbuild";

export interface SizeLimit {
  /** Import statement, as a dApp has it. */
  readonly code: string;
  /** Most bytes after Brotli. */
  readonly limit: number;
}

/** Some 10% above what was measured when they were last set; viem's part is in them. */
export const SIZE_LIMITS: readonly SizeLimit[] = [
  { code: 'export { quoteBuy } from "@demec/chain"', limit: 35_000 },
  { code: 'export * from "@demec/chain"', limit: 90_000 },
  { code: 'export { createLightClient } from "@demec/chain/light"', limit: 31_000 },
  { code: 'export * from "@demec/protocol"', limit: 47_000 },
  { code: 'export { BrowserNode } from "@demec/network/browser"', limit: 82_000 },
  { code: 'export * from "@demec/session"', limit: 48_000 },
  { code: 'export * from "@demec/session/browser"', limit: 19_000 },
  { code: 'export * from "@demec/wasm"', limit: 38_000 },
  { code: 'export * from "@demec/wasm/browser"', limit: 23_000 },
  { code: 'import "@demec/wasm/worker"', limit: 39_000 },
  { code: 'export * from "@demec/provider/browser"', limit: 178_000 },
  { code: 'export { createDemec } from "@demec/sdk"', limit: 115_000 },
  { code: 'export { connect } from "@demec/sdk/browser"', limit: 145_000 },
  { code: 'export { answerFetches } from "@demec/sdk/service-worker"', limit: 157_000 },
  { code: 'export { registerDemec } from "@demec/sdk/service-worker"', limit: 1_000 },
  { code: 'export { quoteBuy } from "@demec/sdk/actions"', limit: 35_000 },
  { code: 'export { sellCredits } from "@demec/sdk/actions"', limit: 50_000 },
  { code: 'export { openSession } from "@demec/sdk/actions"', limit: 50_000 },
  { code: 'export { callSession } from "@demec/sdk/actions"', limit: 8_000 },
  { code: 'export { attachSession } from "@demec/sdk/actions"', limit: 83_000 },
];

/** What is imported on the way, when it is first needed, is loaded later. */
const LATER: Plugin = {
  name: "later",
  setup({ onResolve }) {
    onResolve({ filter: /./ }, ({ kind, path }) => (kind === "dynamic-import" ? { path, external: true } : undefined));
  },
};

/** @throws where something on the way needs Node */
export async function bundledBytes(code: string, folder: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: folder },
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2024",
    logLevel: "silent",
    plugins: [LATER],
  });
  return brotliCompressSync(outputFiles[0]!.contents).length;
}

/** What `connect` for pages takes at most by when it is loaded; bytes after gzip. The first is at most 250,000 by intent. */
export const PAGE_LIMITS: Readonly<Record<Chunk["when"], number>> = {
  "at once": 215_000,
  "to call": 65_000,
  later: 57_000,
};

/** A file of a bundle. */
export interface Chunk {
  /** Path of the module that it begins with, where it was cut at an import on the way; else null. */
  readonly entry: string | null;
  /** From the start, once a provider has been looked for, or only where something of it is asked for. */
  readonly when: "at once" | "to call" | "later";
  readonly gzipBytes: number;
}

/**
 * What a page loads, and when, of an entry point that loads parts of itself later.
 * @param alias what bundling this repository's sources takes; nothing for packages as they are published
 */
export async function chunksOf(
  code: string,
  folder: string,
  alias: Readonly<Record<string, string>> = {},
): Promise<Chunk[]> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: code, resolveDir: folder, sourcefile: "page.js" },
    bundle: true,
    splitting: true,
    write: false,
    outdir: folder,
    absWorkingDir: folder,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2024",
    logLevel: "silent",
    metafile: true,
    alias,
  });
  const { outputs } = metafile;
  const loaded = new Map<string, Chunk["when"]>();
  const load = (path: string, when: Chunk["when"]) => {
    if (loaded.has(path)) return;
    loaded.set(path, when);
    for (const { path: imported, kind } of outputs[path]!.imports)
      if (kind === "import-statement") load(imported, when);
  };
  const entryWith = (part: RegExp) => Object.keys(outputs).find((path) => outputs[path]!.entryPoint?.match(part))!;
  load(entryWith(/page\.js$/), "at once");
  load(entryWith(/(@demec|packages)\/network\//), "to call");
  return Object.entries(outputs).map(([path, { entryPoint }]) => ({
    entry: entryPoint ?? null,
    when: loaded.get(path) ?? "later",
    gzipBytes: gzipSync(outputFiles.find((file) => file.path.endsWith(path))!.contents).length,
  }));
}
