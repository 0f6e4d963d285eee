// Time from kill -9 of the provider that serves, under load, to the next result, which another provider of a warm pair
// gives. Chain, DHT and both providers are processes of their own. The killed one is started again and its session taken
// up before the next kill. Part of `pnpm bench:network`; writes to bench/results/network.json.
//   node bench/failover.ts [--kills <n>]
import { parseArgs } from "node:util";
import { until } from "@demec/protocol/testing";
import type { CallResult } from "@demec/sdk";
import { compileShout } from "../test/support/functions.ts";
import { CREDIT, LocalMarket, type SpawnedProvider, USD } from "../test/support/localMarket.ts";
import { type Figure, report, round } from "./figures.ts";

const LANES = 8;
/** Pause of each lane between two calls: some hundred calls a second in all. */
const PAUSE_MS = 10;
/** Steady load between a reunion of the pair and the next kill. */
const STEADY_MS = 700;

const { values: options } = parseArgs({ options: { kills: { type: "string", default: "50" } } });
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const market = await LocalMarket.start();
try {
  report("network", await measure(Number(options.kills)));
} finally {
  await market.stop();
}

async function measure(kills: number): Promise<Figure[]> {
  const name = await market.publish(await compileShout());
  const providers: SpawnedProvider[] = [];
  for (const region of ["eu-de-fra", "us-va-iad"]) {
    providers.push(await market.spawnProvider({ services: [name], region }));
  }
  const demec = await market.connect(await market.account({ usd: 1_000n * USD }));
  const service = await demec.service(name, { budget: 100n * USD, warm: 2, sessionCredits: 20n * CREDIT });
  await service.warmUp();

  let going = true;
  let results = 0;
  let onResult: (result: CallResult) => void = () => {};
  const lane = async () => {
    while (going) {
      onResult(await service.invoke("shout", { deadlineMs: 10_000 }));
      results++;
      await pause(PAUSE_MS);
    }
  };
  const lanes = Promise.all(Array.from({ length: LANES }, lane));

  const tookMs: number[] = [];
  for (let kill = 0; kill < kills; kill++) {
    await pause(STEADY_MS + Math.random() * 500);
    const session = await service.session();
    const index = providers.findIndex(({ nodeKey }) => nodeKey === session.nodeKey);
    const { process, again } = providers[index]!;
    const next = new Promise<number>((resolve) => {
      onResult = (result) => {
        if (result.session !== session) resolve(performance.now());
      };
    });
    const killedMs = performance.now();
    process.child.kill("SIGKILL");
    tookMs.push((await next) - killedMs);
    providers[index] = await again();
    await until("the pair is warm again", () => session.ready);
  }
  going = false;
  await lanes;
  await service.close();
  for (const { process } of providers) await process.kill("SIGTERM");
  tookMs.sort((a, b) => a - b);
  const quantile = (q: number) => tookMs[Math.min(tookMs.length - 1, Math.ceil(q * tookMs.length) - 1)]!;
  const figure = (name: string, q: number, target: number | null = null): Figure => {
    return { name, value: round(quantile(q), 1), unit: "ms", target, note: `${kills} kills, ${results} calls` };
  };
  return [figure("failoverP50Ms", 0.5), figure("failoverP95Ms", 0.95, 600), figure("failoverMaxMs", 1)];
}
