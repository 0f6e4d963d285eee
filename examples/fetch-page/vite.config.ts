import { build, defineConfig, type InlineConfig, type Plugin } from "vite";
// In this repository alone, whose packages are not built: those of npm need nothing here.
import { BROWSER_ALIAS } from "../../scripts/bundling/browser.ts";

const resolve = { alias: BROWSER_ALIAS };

/** The worker, as a file of its own at the top of the site: a service worker can't import while it runs. */
function serviceWorker(): Plugin {
  let common: InlineConfig;
  return {
    name: "service-worker",
    apply: "build",
    configResolved({ root, logLevel, build: { outDir, target } }) {
      common = { root, logLevel: logLevel ?? "info", build: { outDir, target, emptyOutDir: false } };
    },
    async closeBundle() {
      const output = { entryFileNames: "worker.js", codeSplitting: false };
      const rolldownOptions = { input: `${common.root}/worker.ts`, output };
      await build({ ...common, configFile: false, resolve, build: { ...common.build, rolldownOptions } });
    },
  };
}

export default defineConfig({ resolve, plugins: [serviceWorker()] });
