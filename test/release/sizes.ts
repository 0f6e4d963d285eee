/** What an entry point costs a page when it is loaded: bundled for browsers, minified, compressed. */
import { brotliCompressSync } from "node:zlib";
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
  { code: 'export * from "@demec/session"', limit: 48_000 },
  { code: 'export * from "@demec/wasm"', limit: 38_000 },
  { code: 'export * from "@demec/wasm/browser"', limit: 23_000 },
  { code: 'import "@demec/wasm/worker"', limit: 39_000 },
  { code: 'export { createDemec } from "@demec/sdk"', limit: 115_000 },
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
