/** Every run of the meter's, the WASI layer's and the V8 engine's own tests gives the same outcome on Wasmtime and in Chromium. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { wasmtimeModule } from "@demec/wasmtime";
import { skipChromium } from "../support/chromium.ts";
import { skip } from "./support.ts";

const SOURCE = join(import.meta.dirname, "../../packages/wasm/src");

const ENGINES: readonly [name: string, skip: string | false, url: string | undefined][] = [
  ["Wasmtime", skip, wasmtimeModule({ isEager: true })?.url],
  ["Chromium", skipChromium, new URL("chromiumEngine.ts", import.meta.url).href],
];

for (const [name, skip, url] of ENGINES) {
  describe(`on ${name} as on V8 in Node`, () => {
    for (const suite of ["meter/bounds", "meter/hostile", "meter/nan", "wasi/wasi", "wasi/files", "v8/engine"]) {
      it(suite, { skip }, () => {
        const { status, stdout } = spawnSync(process.execPath, ["--test", join(SOURCE, `${suite}.test.ts`)], {
          encoding: "utf8",
          // Without the variable by which this runner tells its children that they are its own.
          env: { ...process.env, NODE_TEST_CONTEXT: undefined, NO_COLOR: "1", DEMEC_ENGINE: url },
        });
        assert.equal(status, 0, stdout);
        assert.match(stdout, /^. pass [1-9]/m);
      });
    }
  });
}
