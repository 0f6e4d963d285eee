// `pnpm bench:load …`: `demec bench` against a throwaway market on this machine (chain, contracts, DHT and one provider as
// processes), with its options, all but the service. Ends with nothing left behind.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { formatServiceMetadata } from "@demec/protocol";
import { COMPILE_CACHE } from "../scripts/local/jsonProcess.ts";
import { compileShout } from "../test/support/functions.ts";
import { LocalMarket, USD } from "../test/support/localMarket.ts";

const CLI = join(import.meta.dirname, "../packages/cli/src/main.ts");
/** Ample for a call of the test function, and little of what both sides risk unsigned. */
const LIMITS = { bitOps: 1_000_000n, floatOps: 0n, memoryPages: 4, outputBytes: 4_096 };

const market = await LocalMarket.start();
try {
  const service = await market.publish(await compileShout(), {
    tariff: { a: 10n ** 11n, b: 10n ** 11n, c: 10n ** 11n, d: 0n, e: 0n, f: 0n },
    metadata: formatServiceMetadata({ name: "load", shape: "reactor", limits: LIMITS }),
  });
  const provider = await market.spawnProvider({ services: [service] });
  const account = await market.account({ usd: 1_000n * USD });
  const args = process.argv.slice(2).filter((argument) => argument !== "--");
  const defaults = ["--session-credits", "10", "--budget", "1"];
  const bench = spawn(process.execPath, [CLI, "bench", service, ...defaults, ...args], {
    stdio: "inherit",
    env: { ...process.env, ...COMPILE_CACHE, ...market.environment(account) },
  });
  const [code] = await once(bench, "exit");
  process.exitCode = code ?? 1;
  await provider.process.kill("SIGTERM");
} finally {
  await market.stop();
}
