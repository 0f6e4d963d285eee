/**
 * `pnpm long:wasm`: random modules of wasm-smith on every engine, in shards of seeds, each a process of its own. DEMEC_MODULES:
 * how many (100,000), DEMEC_FIRST_SEED: from which seed, so that a run can go on where another stopped. A line for each
 * shard; the last line is the record of the run (docs/engines.md).
 */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Chromium, skipChromium } from "../test/support/chromium.ts";

const ROOT = join(import.meta.dirname, "..");
const TESTS = ["test/wasm/smith.test.ts", "test/engines/generated.test.ts"];
const SHARD = 2000;
const first = Number(process.env.DEMEC_FIRST_SEED ?? 0);
const count = Number(process.env.DEMEC_MODULES ?? 100_000);

if (skipChromium) throw new Error(skipChromium);
const chromium = await Chromium.launch();
const { version } = chromium;
await chromium[Symbol.asyncDispose]();

for (let done = 0; done < count; done += SHARD) {
  const modules = Math.min(SHARD, count - done);
  const env = { ...process.env, NO_COLOR: "1", DEMEC_MODULES: String(modules), DEMEC_FIRST_SEED: String(first + done) };
  const run = spawnSync(process.execPath, ["--test", "--test-concurrency=1", ...TESTS], {
    cwd: ROOT,
    env,
    encoding: "utf8",
  });
  const skips = /^\s*﹣/m.test(run.stdout);
  if (run.status !== 0 || skips) {
    console.log(run.stdout);
    console.log(skips ? "An engine is missing." : `Disagreement or failure from seed ${first + done} on.`);
    process.exit(1);
  }
  console.log(`seeds ${first + done} to ${first + done + modules - 1} agree`);
}

const crate = readFileSync(join(ROOT, "packages/wasmtime/Cargo.toml"), "utf8");
const wasmtime = /^wasmtime = \{ version = "([^"]+)"/m.exec(crate)![1];
const engines = [
  `V8 ${process.versions.v8} in Node ${process.versions.node} (Liftoff alone, TurboFan alone)`,
  `Chromium ${version} (both compilers, Liftoff alone, TurboFan alone)`,
  `Wasmtime ${wasmtime}`,
];
const date = new Date().toISOString().slice(0, 10);
console.log(
  `${date}: ${count} modules of wasm-smith (seeds ${first} to ${first + count - 1}), ${engines.join("; ")}: 0 disagreements`,
);
