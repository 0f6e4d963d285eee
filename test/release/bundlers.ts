/** Bundlers of dApps, each run on a script of a project as its users have it set up. */
import { join, parse } from "node:path";
import { build } from "vite";
import webpack, { type Configuration } from "webpack";

/** @param entry script, @returns the bundle's path */
export async function viteBundle(folder: string, entry: string): Promise<string> {
  const lib = { entry: join(folder, entry), formats: ["es" as const], fileName: `vite-${parse(entry).name}` };
  await build({ root: folder, logLevel: "error", configFile: false, build: { lib, emptyOutDir: false } });
  return join(folder, "dist", `${lib.fileName}.js`);
}

/** As Next bundles for pages. */
export const webPage: Configuration = { target: "web" };
/** As Next bundles what React renders on the server, with `serverExternalPackages: ["tiny-secp256k1"]`: its file of WebAssembly is read where it lies. */
export const serverComponent: Configuration = {
  externalsType: "module",
  externals: { "tiny-secp256k1": "tiny-secp256k1" },
  target: "node22",
  resolve: { conditionNames: ["react-server", "node", "import", "default"] },
};

/** @param entry script, @param name of the bundle, @returns the bundle's path */
export function webpackBundle(
  folder: string,
  entry: string,
  name: string,
  configuration: Configuration,
): Promise<string> {
  const filename = `${name}.mjs`;
  const compiler = webpack({
    ...configuration,
    mode: "production",
    context: folder,
    entry: `./${entry}`,
    experiments: { outputModule: true },
    output: { path: join(folder, "dist"), filename, library: { type: "module" } },
    performance: false,
  });
  return new Promise((resolve, reject) => {
    compiler!.run((error, stats) => {
      if (error || stats?.hasErrors() || stats?.hasWarnings())
        reject(error ?? new Error(stats?.toString({ all: false, errors: true, warnings: true })));
      else resolve(join(folder, "dist", filename));
    });
  });
}
