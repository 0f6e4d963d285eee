// What befalls machines and lines under steady paid load: nobody's money is lost, and what was answered is charged, once.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { until } from "@demec/protocol/testing";
import { fillDisk, noFullDisk } from "../support/fullDisk.ts";
import { Random, SEED } from "./random.ts";
import { SteadyMarket } from "./steadyMarket.ts";

const DAY_MS = 24 * 3_600_000;
const FAIR = { delayMs: 0, loss: 0 };

describe(`faults of lines, clocks and disks (seed ${SEED})`, { timeout: 600_000 }, () => {
  const random = new Random(SEED);
  let steady: SteadyMarket;

  before(async () => {
    steady = await SteadyMarket.start({ lines: true, random });
    await steady.answers(20);
  });
  after(() => steady.stop());

  /** All is well: calls are answered, and ledger and chain agree. */
  const isWell = async () => {
    await steady.answers(20);
    await steady.check();
  };

  it("connections that are cut at random moments cost nobody anything", async () => {
    for (let cuts = 0; cuts < 10; cuts++) {
      await sleep(random.below(400));
      random.pick(steady.lines).cut();
    }
    await isWell();
  });

  it("30% loss and 200 ms of delay each way cost time and nothing else", async () => {
    for (const line of steady.lines) line.weather = { delayMs: 200, loss: 0.3 };
    await steady.answers(10);
    for (const line of steady.lines) line.weather = FAIR;
    await isWell();
  });

  it("a process that stands still for seconds, as with its machine suspended, is gone on with", async () => {
    for (const { process } of [steady.providers[0]!, steady.buyers[0]!]) {
      process.child.kill("SIGSTOP");
      await sleep(3_000);
      process.child.kill("SIGCONT");
      await isWell();
    }
  });

  it("clocks that jump a day ahead and two days back, and a chain whose time jumps, charge nobody", async () => {
    for (const offsetMs of [DAY_MS, -DAY_MS]) {
      steady.shiftClocks(offsetMs);
      await isWell();
    }
    steady.shiftClocks(0);
    await steady.market.passTime(3_000);
    await isWell();
  });

  it("a provider whose disk is full takes no sessions, and those it has end at their newest states", {
    skip: noFullDisk,
  }, async () => {
    const provider = steady.providers[0]!;
    fillDisk(provider.pid);
    // Its sessions break at their next write, and it closes them itself.
    const isOf = ({ params }: { params: { provider: string } }) => params.provider === provider.owner.address;
    await steady.answers(100);
    const sessions = (await steady.openings()).filter(isOf).length;
    await steady.answers(100);
    assert.equal((await steady.openings()).filter(isOf).length, sessions, "nobody buys a session that must break");
    await steady.enterKill(provider.name);
    await steady.check();
    await (await provider.kill())();
    await isWell();
  });

  it("a buyer whose disk is full is told so and buys nothing, until it is started again with room", {
    skip: noFullDisk,
  }, async () => {
    const buyer = steady.buyers[0]!;
    fillDisk(buyer.process.child.pid!);
    const failures = () => [...steady.ledger.failures.values()];
    const known = failures().length;
    await until("it is told", () => failures().length > known + 8, 60_000);
    const sessions = (await steady.openings()).length;
    const told = failures().length;
    await until("it is told again", () => failures().length > told + 8, 60_000);
    assert.equal((await steady.openings()).length, sessions);
    assert.deepEqual([...new Set(failures().slice(known))], ["session/journal-failed"]);
    const again = await buyer.kill();
    await steady.enterKill(buyer.name);
    await again();
    await isWell();
  });

  it("in the end every session is settled at what the ledger says", async (t) => {
    const findings = await steady.settle();
    t.diagnostic(
      `${findings.length} sessions, ${steady.ledger.calls} calls; ${findings.filter(({ lost }) => lost > 0n).length} lost something`,
    );
  });
});
