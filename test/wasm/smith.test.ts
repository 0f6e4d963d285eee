/** DEMEC_MODULES: how many, DEMEC_FIRST_SEED: from which seed (`pnpm long:wasm` sets both). */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { promisify } from "node:util";
import { Chromium, COMPILERS, type Compilers, skipChromium } from "../support/chromium.ts";
import { buildCorpusTool, randomModules, seeds, whyNoCorpus } from "./corpusTool.ts";

const PROBE = join(import.meta.dirname, "smithProbe.ts");
const EXAMINE = join(import.meta.dirname, "smithExamine.ts");
const { count, batches } = seeds();
let tool: string;

/** Lines of the probe for a range of seeds under one of V8's compilers. */
async function probe(flag: string, from: number, to: number): Promise<string[]> {
  const args = ["--no-warnings", flag, PROBE, tool, String(from), String(to)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1 << 26 });
  return stdout.trim().split("\n");
}

describe(`${count} random modules of wasm-smith`, { skip: whyNoCorpus() ?? false }, () => {
  const baselines = new Map<number, string[]>();
  before(async () => {
    tool = await buildCorpusTool();
    for (const { from, to } of batches) {
      baselines.set(from, await probe("--liftoff-only", from, to));
      assert.equal(baselines.get(from)!.length, to - from);
    }
  });

  it("do metered what they do unmetered, and the same work under the baseline and the optimising compiler", async () => {
    for (const { from, to } of batches) assert.deepEqual(await probe("--no-liftoff", from, to), baselines.get(from));
  });

  for (const compilers of Object.keys(COMPILERS) as Compilers[]) {
    it(`do the same in Chromium, compilers: ${compilers}`, { skip: skipChromium }, async () => {
      await using chromium = await Chromium.launch(compilers);
      for (const { from, to } of batches) {
        // A page for each: what its modules leave behind goes with it.
        await using code = await chromium.open<typeof import("./smithExamine.ts")>(EXAMINE);
        const modules = await randomModules(tool, from, to);
        assert.deepEqual(await code.call("examineAll", from, modules), baselines.get(from));
      }
    });
  }
});
