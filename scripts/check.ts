/**
 * `npm test`: every check of the repository, one after the other (two cores: heavy suites never run side by side), with
 * one line each, the whole output of what failed, and the totals as the last line: `N passed, N failed`.
 * `pnpm test:run lint types` runs only the steps whose names are given.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { Watchdog } from "./watchdog.ts";

interface Step {
  readonly name: string;
  readonly command: string;
}

const STEPS: readonly Step[] = [
  { name: "contracts compile", command: "pnpm build:contracts" },
  { name: "functions compile", command: "pnpm build:functions" },
  { name: "wasmtime builds", command: "pnpm build:wasmtime" },
  { name: "types", command: "pnpm typecheck" },
  { name: "lint", command: "pnpm lint" },
  { name: "lint Solidity", command: "pnpm lint:sol" },
  { name: "arrows", command: "pnpm check:arrows" },
  { name: "unused", command: "pnpm check:unused" },
  { name: "documentation", command: "pnpm build:docs" },
  { name: "contracts", command: "pnpm test:contracts" },
  { name: "packages", command: "pnpm test:packages" },
  { name: "packages pack", command: "pnpm build:packages" },
  { name: "cross", command: "pnpm test:cross" },
];

interface Tally {
  passed: number;
  failed: number;
  skipped: number;
}

/** Sums what the runners say of themselves (node:test's `ℹ pass 3`, Hardhat's `3 passing`); null: no runner spoke. */
function tally(output: string): Tally | null {
  const sum = (pattern: RegExp) => [...output.matchAll(pattern)].reduce((total, match) => total + Number(match[1]), 0);
  const counts = {
    passed: sum(/^ℹ pass (\d+)$/gm) + sum(/^\s*(\d+) passing\b/gm),
    failed: sum(/^ℹ (?:fail|cancelled) (\d+)$/gm) + sum(/^\s*(\d+) failing\b/gm),
    // node:test's own number leaves out suites that were skipped as a whole.
    skipped: skipsIn(output).length + sum(/^ℹ todo (\d+)$/gm) + sum(/^\s*(\d+) (?:skipped|pending)\b/gm),
  };
  return counts.passed + counts.failed + counts.skipped === 0 ? null : counts;
}

/** Tests and suites of node:test that were skipped, each with its reason. */
function skipsIn(output: string): string[] {
  return (output.match(/^\s*﹣ .*$/gm) ?? []).map((line) => line.trim());
}

function run(step: Step): Promise<{ code: number; output: string; seconds: number }> {
  const started = performance.now();
  return new Promise((resolve, reject) => {
    const child = spawn(step.command, {
      cwd: join(import.meta.dirname, ".."),
      shell: true,
      stdio: ["ignore", "pipe", "pipe"],
      // The runners' plain reporters are what `tally` reads.
      env: { ...process.env, NO_COLOR: "1", FORCE_COLOR: "0", NODE_OPTIONS: "--disable-warning=ExperimentalWarning" },
    });
    let output = "";
    const watchdog = new Watchdog(child.pid!, (line) => {
      output += `${line}\n`;
      console.log(line);
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        watchdog.feed();
        output += text;
        if (process.env.VERBOSE) process.stderr.write(text);
      });
    }
    child.once("error", reject);
    child.once("close", (code) => {
      watchdog.stop();
      resolve({ code: code ?? 1, output, seconds: (performance.now() - started) / 1000 });
    });
  });
}

const wanted = process.argv.slice(2).filter((argument) => argument !== "--");
const unknown = wanted.filter((name) => !STEPS.some((step) => step.name === name));
if (unknown.length > 0) {
  console.error(`No step named ${unknown.join(", ")}. Steps: ${STEPS.map((step) => step.name).join(", ")}.`);
  process.exit(2);
}

const total: Tally = { passed: 0, failed: 0, skipped: 0 };
for (const step of STEPS) {
  if (wanted.length > 0 && !wanted.includes(step.name)) continue;
  process.stdout.write(`${step.name.padEnd(20)} … `);
  const { code, output, seconds } = await run(step);
  const counts = tally(output) ?? { passed: code === 0 ? 1 : 0, failed: 0, skipped: 0 };
  // A runner that exits badly without naming a failed test has failed all the same.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  if (process.env.REQUIRE_ALL === "1") {
    counts.failed += counts.skipped;
    counts.skipped = 0;
  }
  total.passed += counts.passed;
  total.failed += counts.failed;
  total.skipped += counts.skipped;
  const skips = counts.skipped > 0 ? `, ${counts.skipped} skipped` : "";
  console.log(`${counts.passed} passed, ${counts.failed} failed${skips} (${seconds.toFixed(1)} s)`);
  if (counts.failed > 0) console.log(output);
  for (const line of skipsIn(output)) console.log(`  ${line}`);
}
console.log(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ""}`);
process.exitCode = total.failed === 0 ? 0 : 1;
