import { defineConfig } from "vite";
// In this repository alone, whose packages are not built: those of npm need nothing here.
import { BROWSER_ALIAS } from "../../scripts/bundling/browser.ts";

export default defineConfig({ resolve: { alias: BROWSER_ALIAS } });
