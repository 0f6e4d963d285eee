import { defineConfig } from "vite";
import { BROWSER_ALIAS } from "../../scripts/bundling/browser.ts";

// In this repository only: the published packages bring what pages need.
export default defineConfig({
  resolve: { alias: BROWSER_ALIAS },
  build: { target: "es2024" },
  worker: { format: "es" },
});
