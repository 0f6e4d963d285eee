import { join } from "node:path";
import { defineConfig } from "vite";
import { BROWSER_ALIAS } from "../../scripts/bundling/browser.ts";

export default defineConfig({
  root: join(import.meta.dirname, "app"),
  // Relative addresses: the built files work in any folder of any static host.
  base: "./",
  // Packages that are marked for React's servers make it warn of every one of their files.
  logLevel: "error",
  resolve: { alias: BROWSER_ALIAS },
  build: {
    outDir: join(import.meta.dirname, "dist"),
    emptyOutDir: true,
    target: "es2024",
    // A data: address is refused by the content security policy under which the console is served.
    assetsInlineLimit: 0,
  },
});
