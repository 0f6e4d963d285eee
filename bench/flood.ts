// What a flood of strangers costs a provider, and what those who pay feel of it: for each attack, processor time of the
// provider per connection that reached it and its memory, with the daemon's limits and, for reference, without any; and the
// paying buyer's p99 during the flood beside that before it. Writes bench/results/flood.json.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { Hex } from "@demec/protocol";
import type { DaemonOptions } from "@demec/provider/node";
import { JsonProcess } from "../scripts/local/jsonProcess.ts";
import { compileShout } from "../test/support/functions.ts";
import { LocalMarket, USD } from "../test/support/localMarket.ts";
import { against, type Figure, report, round } from "./figures.ts";
import type { BuyerReport } from "./flood/buyer.ts";
import { ATTACKS, type Attack, type AttackTask } from "./flood/task.ts";

type Limits = NonNullable<NonNullable<DaemonOptions["policy"]>["strangers"]>;

const { values } = parseArgs({
  options: { rate: { type: "string", default: "200" }, seconds: { type: "string", default: "10" } },
});
const connectionsPerSecond = Number(values.rate);
const seconds = Number(values.seconds);
const PAID_CALLS_PER_SECOND = 50;
const ENDLESS = 1_000_000_000;
const NONE: Limits = {
  ...{
    maxConnections: ENDLESS,
    maxConnectionsPerHost: ENDLESS,
    idleMs: ENDLESS,
    connectionsPerSecond: ENDLESS,
    connectionBurst: ENDLESS,
  },
  ...{ requestsPerSecond: ENDLESS, requestBurst: ENDLESS },
};
/** As the daemon's, but for the reserve for restarts: it is the flood in the long run that is measured. */
const LIMITED: Limits = {
  ...{
    maxConnections: 1_024,
    maxConnectionsPerHost: 256,
    idleMs: 60_000,
    connectionsPerSecond: 50,
    connectionBurst: 50,
  },
  ...{ requestsPerSecond: 50, requestBurst: 50 },
};

interface Ordeal {
  /** Connections that reached the provider, refused ones too. */
  readonly seen: number;
  readonly turnedAway: number;
  readonly cpuMsPerConnection: number;
  readonly cores: number;
  readonly rssGrowthMiB: number;
  readonly quiet: BuyerReport;
  readonly paid: BuyerReport;
}

const cpuSeconds = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

/** Every attack, one after the other, on a provider in this process: its processor time is what is measured. */
async function ordeals(market: LocalMarket, service: string, strangers: Limits): Promise<Map<Attack, Ordeal>> {
  const { daemon } = await market.startProvider({ services: [service], policy: { strangers, reviewMs: 2_000 } });
  const env = market.environment(await market.account({ usd: 1_000n * USD }));
  const buyer = new JsonProcess("bench/flood/buyer.ts", [service, String(PAID_CALLS_PER_SECOND)], { env });
  const sessionId = await buyer.next<Hex>("sessionId");
  const paid = async () => {
    buyer.child.stdin.write("\n");
    return buyer.next<BuyerReport>("report");
  };
  await sleep(2_000);
  await paid();
  const found = new Map<Attack, Ordeal>();
  for (const attack of ATTACKS) {
    const idleFrom = cpuSeconds();
    await sleep(seconds * 1000);
    const idleCores = (cpuSeconds() - idleFrom) / seconds;
    const quiet = await paid();
    const task: AttackTask = {
      ...{
        attack,
        bootstrap: market.network.bootstrap,
        nodeKey: daemon.nodeKey,
        serviceId: service.split("/").at(-1)!,
      },
      ...{ sessionId, connectionsPerSecond, seconds },
    };
    const before = daemon.status().connections;
    const rssBefore = process.memoryUsage.rss();
    const [cpuBefore, started] = [cpuSeconds(), performance.now()];
    const attacker = new JsonProcess("bench/flood/attacker.ts", [JSON.stringify(task)]);
    await attacker.nextObject();
    const took = (performance.now() - started) / 1000;
    const cpu = cpuSeconds() - cpuBefore - idleCores * took;
    const after = daemon.status().connections;
    const turnedAway = after.turnedAway - before.turnedAway;
    const seen = turnedAway + after.accepted - before.accepted;
    found.set(attack, {
      ...{ seen, turnedAway, quiet, cpuMsPerConnection: (cpu * 1000) / seen, cores: cpu / took },
      rssGrowthMiB: (process.memoryUsage.rss() - rssBefore) / 2 ** 20,
      paid: await paid(),
    });
    await attacker.end();
    // The dead are noticed after a second and a half.
    await sleep(3_000);
    await paid();
  }
  await buyer.kill("SIGTERM");
  await daemon.stop();
  return found;
}

function figuresOf(attack: Attack, limited: Ordeal, open: Ordeal): Figure[] {
  const figure = (name: string, value: number, unit: string, note?: string): Figure => ({
    ...{ name: `${attack}${name}`, value: round(value), unit, target: null },
    ...(note === undefined ? {} : { note }),
  });
  const { seen, turnedAway, paid, quiet } = limited;
  const note = `${turnedAway} of ${seen} turned away, ${paid.failed} paid calls failed; without limits 0 of ${open.seen}, ${open.paid.failed}`;
  const unlimited = "without limits";
  return [
    against(
      figure("CpuMsPerConnection", limited.cpuMsPerConnection, "ms", note),
      unlimited,
      round(open.cpuMsPerConnection),
    ),
    against(figure("Cores", limited.cores, "cores"), unlimited, round(open.cores)),
    against(figure("RssGrowthMiB", limited.rssGrowthMiB, "MiB"), unlimited, round(open.rssGrowthMiB)),
    against(figure("PaidP99Ms", paid.p99Ms, "ms"), "before the flood", round(quiet.p99Ms)),
    against(figure("PaidP99MsUnlimited", open.paid.p99Ms, "ms"), "before the flood", round(open.quiet.p99Ms)),
  ];
}

const market = await LocalMarket.start();
try {
  const service = await market.publish(await compileShout(), {
    tariff: { a: 10n ** 12n, b: 0n, c: 10n ** 12n, d: 0n, e: 0n, f: 0n },
  });
  const limited = await ordeals(market, service, LIMITED);
  const open = await ordeals(market, service, NONE);
  report(
    "flood",
    ATTACKS.flatMap((attack) => figuresOf(attack, limited.get(attack)!, open.get(attack)!)),
  );
} finally {
  await market.stop();
}
