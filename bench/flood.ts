// What a flood of strangers costs a provider, and what those who pay feel of it: for each attack, CPU of the provider per
// connection that was tried, its memory, and the paying buyer's p99 beside the one without the flood, in one run. With
// `--open` the provider limits strangers by nothing, for comparison. Writes bench/results/flood.json.
import { mkdirSync, writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Hex } from "@demec/protocol";
import { JsonProcess } from "../scripts/local/jsonProcess.ts";
import { compileShout } from "../test/support/functions.ts";
import { LocalMarket, USD } from "../test/support/localMarket.ts";
import type { BuyerReport } from "./flood/buyer.ts";
import { ATTACKS, type AttackReport, type AttackTask } from "./flood/task.ts";

const { values } = parseArgs({
  options: {
    rate: { type: "string", default: "200" },
    seconds: { type: "string", default: "10" },
    open: { type: "boolean", default: false },
  },
});
const connectionsPerSecond = Number(values.rate);
const seconds = Number(values.seconds);
const PAID_CALLS_PER_SECOND = 50;
const UNLIMITED = 1_000_000;
const OPEN = {
  ...{ maxConnections: UNLIMITED, idleMs: 2 ** 31, connectionsPerSecond: UNLIMITED, connectionBurst: UNLIMITED },
  ...{ requestsPerSecond: UNLIMITED, requestBurst: UNLIMITED },
};
/** As the daemon's, but for the reserve for restarts: it is the flood in the long run that is measured. */
const LIMITED = {
  ...{ maxConnections: 1_024, idleMs: 60_000, connectionsPerSecond: 50, connectionBurst: 50 },
  ...{ requestsPerSecond: 50, requestBurst: 50 },
};

const market = await LocalMarket.start();
try {
  const name = await market.publish(await compileShout(), {
    tariff: { a: 10n ** 12n, b: 0n, c: 10n ** 12n, d: 0n, e: 0n, f: 0n },
  });
  // In this process: its processor time is what is measured.
  const { daemon } = await market.startProvider({
    services: [name],
    policy: { strangers: values.open ? OPEN : LIMITED, reviewMs: 2_000 },
  });
  const account = await market.account({ usd: 1_000n * USD });
  const env = market.environment(account);
  const buyer = new JsonProcess("bench/flood/buyer.ts", [name, String(PAID_CALLS_PER_SECOND)], { env });
  const sessionId = await buyer.next<Hex>("sessionId");
  const paid = async () => {
    buyer.child.stdin.write("\n");
    return buyer.next<BuyerReport>("report");
  };
  const cpuSeconds = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  };

  await sleep(2_000);
  await paid();
  const idleFrom = cpuSeconds();
  await sleep(seconds * 1000);
  const idleCpu = (cpuSeconds() - idleFrom) / seconds;
  const quiet = await paid();
  const figures: Record<string, unknown> = { limits: values.open ? "none" : "default", idleCpu, quiet };
  for (const attack of ATTACKS) {
    const task: AttackTask = {
      ...{ attack, bootstrap: market.network.bootstrap, nodeKey: daemon.nodeKey, serviceId: name.split("/").at(-1)! },
      ...{ sessionId, connectionsPerSecond, seconds },
    };
    const rssBefore = process.memoryUsage.rss();
    const before = cpuSeconds();
    const started = performance.now();
    const attacker = new JsonProcess("bench/flood/attacker.ts", [JSON.stringify(task)]);
    const report = (await attacker.nextObject()) as unknown as AttackReport;
    const took = (performance.now() - started) / 1000;
    const cpu = cpuSeconds() - before - idleCpu * took;
    const { connections } = daemon.status();
    figures[attack] = {
      ...report,
      cpuMsPerConnection: (cpu * 1000) / report.attempts,
      coresTaken: cpu / took,
      rssGrowthMiB: (process.memoryUsage.rss() - rssBefore) / 2 ** 20,
      openConnections: connections.open,
      turnedAway: connections.turnedAway,
      paid: await paid(),
    };
    console.error(attack, figures[attack]);
    await attacker.end();
    // The dead are noticed after a second and a half.
    await sleep(3_000);
    await paid();
  }
  await buyer.kill("SIGTERM");
  const text = JSON.stringify(
    figures,
    (_key, value: unknown) => (typeof value === "number" ? Number(value.toPrecision(4)) : value),
    2,
  );
  const results = new URL("results/", import.meta.url);
  mkdirSync(results, { recursive: true });
  writeFileSync(new URL("flood.json", results), `${text}\n`);
  console.log(text);
} finally {
  await market.stop();
}
