// `pnpm audit:contracts [coverage] [slither] [halmos] [mutation]`: what the contracts are put through beyond their tests.
// Without arguments all of it, one after the other; mutation takes a sample (`pnpm long:mutation` takes all mutants).
// A part whose tools can't be had is skipped with the reason, which is a failure under REQUIRE_ALL=1.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { coverage } from "./audit/coverage.ts";
import { forgePath } from "./audit/forge.ts";
import { halmos } from "./audit/halmos.ts";
import { type Outcome, skipped } from "./audit/outcome.ts";
import { slither } from "./audit/slither.ts";

const MUTANTS = 60;

function mutation(): Outcome {
  const args = [join(import.meta.dirname, "mutate.ts"), "--sample", String(MUTANTS)];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { encoding: "utf8", maxBuffer: 2 ** 28 });
  return { status: status === 0 ? "passed" : "failed", lines: `${stdout}${stderr}`.trim().split("\n") };
}

const PARTS: Readonly<Record<string, () => Outcome>> = { coverage, slither, halmos, mutation };
const wanted = process.argv.slice(2).filter((argument) => argument !== "--");
const unknown = wanted.filter((name) => !(name in PARTS));
if (unknown.length > 0) {
  console.error(`No part named ${unknown.join(", ")}. Parts: ${Object.keys(PARTS).join(", ")}.`);
  process.exit(2);
}

const tally = { passed: 0, failed: 0, skipped: 0 };
for (const [name, part] of Object.entries(PARTS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const started = performance.now();
  let outcome =
    forgePath() === null ? skipped(`forge has no binary for ${process.platform} on ${process.arch}.`) : part();
  if (outcome.status === "skipped" && process.env.REQUIRE_ALL === "1") outcome = { ...outcome, status: "failed" };
  tally[outcome.status]++;
  console.log(`${name}: ${outcome.status} (${((performance.now() - started) / 1000).toFixed(0)} s)`);
  for (const line of outcome.lines) console.log(`  ${line}`);
}
console.log(`${tally.passed} passed, ${tally.failed} failed${tally.skipped > 0 ? `, ${tally.skipped} skipped` : ""}`);
process.exitCode = tally.failed === 0 ? 0 : 1;
