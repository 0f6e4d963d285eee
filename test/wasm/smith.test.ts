import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { buildCorpusTool, whyNoCorpus } from "./corpusTool.ts";

const PROBE = join(import.meta.dirname, "smithProbe.ts");
/** `pnpm long:wasm` sets it to 100,000. */
const MODULES = Number(process.env.DEMEC_MODULES ?? 2000);
const BATCH = 1000;

/** Lines of the probe for a range of seeds under one of V8's compilers. */
async function probe(tool: string, tier: string, from: number, to: number): Promise<string[]> {
  const args = ["--no-warnings", tier, PROBE, tool, String(from), String(to)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 26 });
  return stdout.trim().split("\n");
}

describe(`${MODULES} random modules of wasm-smith`, { skip: whyNoCorpus() ?? false }, () => {
  it("do metered what they do unmetered, and the same work under the baseline and the optimising compiler", async () => {
    const tool = await buildCorpusTool();
    for (let from = 0; from < MODULES; from += BATCH) {
      const to = Math.min(from + BATCH, MODULES);
      const baseline = await probe(tool, "--liftoff-only", from, to);
      assert.equal(baseline.length, to - from);
      assert.deepEqual(await probe(tool, "--no-liftoff", from, to), baseline);
    }
  });
});
