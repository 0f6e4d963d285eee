// Lines and branches of contracts/ that the Solidity tests reach, counted by forge: Hardhat's coverage has no branches.
import { mkdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { runForge } from "./forge.ts";
import { type Outcome, ROOT, SCRATCH } from "./outcome.ts";

interface Count {
  hit: number;
  found: number;
}

export function coverage(): Outcome {
  const report = join(SCRATCH, "coverage/lcov.info");
  mkdirSync(join(SCRATCH, "coverage"), { recursive: true });
  const args = ["coverage", "--report", "lcov", "--report-file", report];
  const run = runForge([...args, "--no-match-coverage", "contracts/test|node_modules"], { profile: "coverage" });
  if (run.status !== 0) return { status: "failed", lines: tail(run.stdout + run.stderr) };

  const total = { lines: { hit: 0, found: 0 }, branches: { hit: 0, found: 0 } };
  const lines: string[] = [];
  for (const record of readFileSync(report, "utf8").split("end_of_record")) {
    const file = /^SF:(.*)$/m.exec(record)?.[1];
    if (file === undefined) continue;
    const missed = new Set<number>();
    tally(record, /^DA:(\d+),(\d+)/gm, total.lines, missed);
    // A branch that was never reached has "-" for a count.
    tally(record, /^BRDA:(\d+),\d+,\d+,(\d+|-)/gm, total.branches, missed);
    const numbers = [...missed].sort((a, b) => a - b).join(", ");
    if (missed.size > 0) lines.push(`not reached: ${relative(ROOT, join(ROOT, file))}:${numbers}`);
  }
  lines.unshift(`lines ${share(total.lines)}, branches ${share(total.branches)}`);
  return { status: lines.length === 1 ? "passed" : "failed", lines };
}

function tally(record: string, pattern: RegExp, count: Count, missed: Set<number>): void {
  for (const [, line, hits] of record.matchAll(pattern)) {
    count.found++;
    if (Number(hits) > 0) count.hit++;
    else missed.add(Number(line));
  }
}

const share = ({ hit, found }: Count) => `${hit} of ${found} (${((100 * hit) / found).toFixed(2)}%)`;
const tail = (output: string) => output.trim().split("\n").slice(-15);
