/**
 * `npm run demo`: the whole line through deMEC on this machine, every part real and in its own process: a chain with the
 * contracts, a DHT, publishers, two providers in different regions, a buyer. It ends by itself, leaves nothing behind,
 * and exits non-zero if any check fails. `-- --json` prints the account as one JSON object, as the last line; `-- --ui` starts
 * such a market to look at instead: the console in the browser, with test wallets and sample services, until Ctrl-C.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { formatAccount } from "./demo/account.ts";

const flag = { type: "boolean", default: false } as const;
const { values } = parseArgs({ options: { json: flag, ui: flag }, allowPositionals: true });
const folder = await mkdtemp(join(tmpdir(), "demec-demo-"));
const started = performance.now();
const say = (line: string) =>
  process.stderr.write(`${((performance.now() - started) / 1000).toFixed(1).padStart(6)} s  ${line}\n`);
try {
  // Each with what it needs alone: processes of the other would end this one at Ctrl-C before it has cleared up.
  if (values.ui) await (await import("./demo/ui.ts")).runUi(folder, say);
  else await runAccount();
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function runAccount(): Promise<void> {
  const { runDemo } = await import("./demo/run.ts");
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
}
