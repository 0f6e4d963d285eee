/** Modules of wasm-smith do the same on V8 and Wasmtime. DEMEC_MODULES: how many, DEMEC_FIRST_SEED: from which seed. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildCorpusTool, randomModules, seeds, whyNoCorpus } from "../wasm/corpusTool.ts";
import { compareModules } from "./folder.ts";
import { skip } from "./player.ts";

const { count, batches } = seeds();
const FUEL = 1_000_000n;

describe(`${count} modules of wasm-smith`, { skip: skip || (whyNoCorpus() ?? false) }, () => {
  it("end every call the same way, with the same work, globals and memory", async () => {
    const tool = await buildCorpusTool();
    const ends: Record<string, number> = {};
    for (const { from, to } of batches) {
      const result = compareModules(await randomModules(tool, from, to), FUEL);
      assert.deepEqual([result.modules, result.refused], [to - from, 0]);
      for (const [end, calls] of Object.entries(result.ends)) ends[end] = (ends[end] ?? 0) + calls;
    }
    // Worth running: many calls return, others trap in several ways.
    assert.ok(ends.ok! > count / 2 && Object.keys(ends).length >= 5, JSON.stringify(ends));
  });
});
