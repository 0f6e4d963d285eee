/**
 * `npm run demo`: the whole line through deMEC on this machine, every part real and in its own process: a chain with the
 * contracts, a DHT, publishers, two providers in different regions, a buyer. It ends by itself, leaves nothing behind,
 * and exits non-zero if any check fails. `-- --json` prints the account as one JSON object, as the last line.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatAccount } from "./demo/account.ts";
import { runDemo } from "./demo/run.ts";

const { values } = parseArgs({ options: { json: { type: "boolean", default: false } }, allowPositionals: true });
const folder = await mkdtemp(join(tmpdir(), "demec-demo-"));
const started = performance.now();
const say = (line: string) =>
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
try {
  const account = await runDemo(folder, say);
  const failures = account.checks.filter((check) => !check.holds);
  if (values.json) {
    const { checks, conservation, ...figures } = account;
    const json = {
      ...figures,
      conservation: Number(conservation),
      checks: checks.length,
      failures: failures.length,
      failedChecks: failures,
      wallMs: Math.round(performance.now() - started),
    };
    console.log(JSON.stringify(json, (_key, value: unknown) => (typeof value === "bigint" ? value.toString() : value)));
  } else {
    console.log(formatAccount(account));
  }
  if (failures.length > 0) process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
