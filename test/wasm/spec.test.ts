import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { buildCorpusTool, type SpecScript, specScripts, whyNoCorpus } from "./corpusTool.ts";
import { SpecRun } from "./specRun.ts";

const skip = whyNoCorpus() ?? false;
/** Suites of features that the meter runs: nothing of them may be refused. */
const SUPPORTED = new Set([
  ...["wasm-v2", "simd", "bulk-memory", "multi-value", "sign-extension-ops", "mutable-global"],
  ...["nontrapping-float-to-int-conversions", "extended-const", "tail-call"],
]);
/** For what a suite's modules may be refused, where its scripts are of later drafts than the feature they are named after. */
const LATER = /typed references|garbage collection|memory64|multi-memory/;

describe("the WebAssembly specification's test suite", { skip }, () => {
  let scripts: SpecScript[] = [];

  it("runs the same metered as unmetered, in every assertion", async () => {
    scripts = await specScripts(await buildCorpusTool());
    let compared = 0;
    for (const script of scripts) {
      const tally = new SpecRun().run(script);
      compared += tally.compared;
      if (!SUPPORTED.has(script.suite)) continue;
      assert.ok(script.suite === "wasm-v2" ? tally.unmet === 0 : true, `${script.file}: unmet without the meter too`);
      for (const feature of tally.refused.keys()) {
        assert.ok(
          script.suite !== "wasm-v2" && LATER.test(feature),
          `${script.suite}/${script.file} refused for ${feature}`,
        );
      }
    }
    assert.ok(compared > 70_000, `only ${compared} assertions were compared`);
  });

  it("has its modules with other features refused by the feature's name", () => {
    const features = new Map([
      ["threads", /^threads/],
      ["relaxed-simd", /^relaxed SIMD$/],
      ["exceptions", /^exceptions$/],
      ["gc", /^(garbage collection|typed references)/],
      ["memory64", /^memory64$/],
      ["multi-memory", /^multi-memory$/],
    ]);
    for (const [suite, feature] of features) {
      const refused = scripts
        .filter((script) => script.suite === suite)
        .flatMap((script) => [...new SpecRun().run(script).refused.keys()]);
      assert.ok(refused.length > 0, `nothing of ${suite} was refused`);
      assert.ok(
        refused.some((name) => feature.test(name)),
        `${suite} is refused for ${refused}`,
      );
    }
  });
});
