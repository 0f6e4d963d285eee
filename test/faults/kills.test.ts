// kill −9 at random moments, of anybody, under steady paid load: what was answered is charged, once, and nothing else is.
// `pnpm long:faults` does it a hundred times; DEMEC_SEED repeats a run.
import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { noPs } from "../support/ps.ts";
import { executorOf, type Killable } from "./killable.ts";
import { Random, SEED } from "./random.ts";
import { SteadyMarket } from "./steadyMarket.ts";

const KILLS = Number(process.env.DEMEC_KILLS ?? 10);
/** Longest wait before a kill, and longest absence after one; milliseconds. */
const MOMENT_MS = 800;
const ABSENCE_MS = 1_500;

test(`${KILLS} kills of providers, buyers, executors, chain and DHT: both ledgers agree after each, and on chain at the end`, {
  // A machine that others keep busy takes its time.
  timeout: 60_000 * KILLS,
  skip: noPs,
}, async (t) => {
  t.diagnostic(`seed ${SEED}`);
  const random = new Random(SEED);
  const steady = await SteadyMarket.start();
  t.after(() => steady.stop());
  const { market, providers, buyers, ledger } = steady;
  const everybody: Killable[] = [
    ...providers,
    ...buyers,
    executorOf(providers[0]!),
    executorOf(providers[1]!),
    { name: "the chain", kill: () => market.network.killChain().then(quietly) },
    { name: "the DHT", kill: () => market.network.killDht().then(quietly) },
  ];
  await steady.answers(20);
  let next: Killable[] = [];
  const take = () => {
    if (next.length === 0) next = random.shuffled(everybody);
    return next.pop()!;
  };
  for (let kills = 0; kills < KILLS; ) {
    await sleep(random.below(MOMENT_MS));
    // Now and then a second one while the first is down.
    const victims = [take()];
    if (kills + 1 < KILLS && random.below(4) === 0) {
      const other = take();
      if (!other.name.endsWith(victims[0]!.name) && !victims[0]!.name.endsWith(other.name)) victims.push(other);
    }
    const again: (() => Promise<void>)[] = [];
    const from = performance.now();
    for (const victim of victims) {
      again.push(await victim.kill());
      kills++;
      await sleep(random.below(ABSENCE_MS));
    }
    t.diagnostic(`killed ${victims.map(({ name }) => name).join(" and ")}`);
    await Promise.all(again.map((start) => start()));
    for (const { name } of victims) await steady.enterKill(name);
    await steady.answers(20);
    await steady.check();
    const seconds = ((performance.now() - from) / 1000).toFixed(1);
    t.diagnostic(
      `${kills}: ${victims.map(({ name }) => name).join(" and ")}, well again after ${seconds} s; ${ledger.calls} calls`,
    );
  }
  const findings = await steady.settle();
  const total = (of: (finding: (typeof findings)[0]) => bigint) =>
    findings.reduce((sum, finding) => sum + of(finding), 0n);
  const failures = Map.groupBy(ledger.failures.values(), (code) => code);
  t.diagnostic(
    `${findings.length} sessions, ${ledger.calls} calls answered, of them ${ledger.callsOf("large")} in fragments and ` +
      `${ledger.callsOf("streamed")} streamed, ${total(({ charged }) => charged)} credits charged, ` +
      `${total(({ lost }) => lost)} lost to kills, ${total(({ unheard }) => BigInt(unheard))} calls charged unheard; ` +
      `failed: ${[...failures].map(([code, all]) => `${all.length} × ${code}`).join(", ") || "none"}`,
  );
  assert.ok(findings.length > 0);
  for (const kind of ["large", "streamed"] as const) assert.ok(ledger.callsOf(kind) > 0, `${kind} calls were answered`);
});

const quietly = (again: () => Promise<unknown>) => async () => void (await again());
