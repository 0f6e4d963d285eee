import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { capacityOf } from "./capacity.ts";
import { openLoop } from "./openLoop.ts";
import { clientsByProcess, planOf } from "./plan.ts";
import { plotSvg, plotTerminal } from "./plot.ts";
import { type BenchResults, parseResults, resultsOf } from "./results.ts";
import { Tally } from "./tally.ts";

const RUN = { service: "eip155:1/erc1155:0x00/1 <&>", providers: 2, seconds: 3, receiptsVerified: 0, clientCores: 0.5 };

function results(changes: Partial<BenchResults> = {}): BenchResults {
  const tally = new Tally();
  for (let i = 0; i < 3_000; i++) {
    tally.sent++;
    tally.answered(i, i + 1 + (i % 100) / 10);
  }
  return { ...resultsOf(planOf(10, 0, 100), RUN, tally), ...changes };
}

test("what is needed is (light + full) × rate, and all clients are in one process or another, each once", () => {
  fc.assert(
    fc.property(fc.nat(60), fc.nat(60), fc.integer({ min: 1, max: 9 }), (light, full, processes) => {
      fc.pre(light + full > 0);
      const plan = planOf(light, full, 7);
      assert.equal(plan.needed, (light + full) * 7);
      const shares = clientsByProcess(plan, processes);
      const clients = shares.flat();
      assert.deepEqual([clients.length, clients.filter(({ kind }) => kind === "full").length], [light + full, full]);
      assert.equal(new Set(clients.map(({ phase }) => phase)).size, light + full);
      const sizes = shares.map((share) => share.length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      for (const share of shares) {
        const phases = share.map(({ phase }) => phase);
        assert.deepEqual(
          phases,
          phases.toSorted((a, b) => a - b),
        );
      }
    }),
  );
  assert.throws(() => planOf(0, 0, 100), { code: "cli/bad-option" });
});

test("a stall of the caller costs no call its place in the schedule: all are sent, due when they were due", async () => {
  const fromMs = performance.now();
  const due: number[][] = [[], []];
  let isFirst = true;
  await openLoop({
    ...{ fromMs, untilMs: fromMs + 200, periodMs: 10, phases: [0, 0.5] },
    send: (client, dueMs) => {
      assert.ok(performance.now() >= dueMs, "no call is sent early");
      due[client]!.push(Math.round((dueMs - fromMs) * 1000) / 1000);
      while (isFirst && performance.now() < fromMs + 100);
      isFirst = false;
    },
  });
  assert.deepEqual(
    due[0],
    Array.from({ length: 20 }, (_, i) => i * 10),
  );
  assert.deepEqual(
    due[1],
    Array.from({ length: 20 }, (_, i) => i * 10 + 5),
  );
});

test("counting in several processes gives what counting in one gives", () => {
  const calls = fc.array(
    fc.record({ dueMs: fc.nat(2_999), tookMs: fc.integer({ min: 0, max: 5_000 }), where: fc.nat(2) }),
  );
  fc.assert(
    fc.property(calls, (all) => {
      const one = new Tally();
      const several = [new Tally(), new Tally(), new Tally()];
      for (const { dueMs, tookMs, where } of all) {
        for (const tally of [one, several[where]!]) {
          tally.sent++;
          if (tookMs === 0) tally.failed("sdk/call-fault");
          else tally.answered(dueMs, dueMs + tookMs);
        }
      }
      const merged = new Tally();
      for (const tally of several) merged.add(tally.report());
      const plan = planOf(1, 0, 1);
      assert.deepEqual(resultsOf(plan, RUN, merged), resultsOf(plan, RUN, one));
    }),
  );
});

test("latencies are exact to three digits, and late answers lower what was achieved", () => {
  const tally = new Tally();
  for (let i = 1; i <= 1_000; i++) tally.answered(0, i);
  const { latencyMs, achieved } = resultsOf(planOf(1, 0, 1), { ...RUN, seconds: 1 }, tally);
  assert.ok(Math.abs(latencyMs.p50 - 500) <= 1 && Math.abs(latencyMs.p99 - 990) <= 2);
  assert.equal(achieved, 1_000);
  tally.answered(0, 10_000);
  assert.equal(resultsOf(planOf(1, 0, 1), { ...RUN, seconds: 1 }, tally).achieved, 100.1);
});

test("so many providers carry the rate with its headroom, and one fewer would not", () => {
  const rates = fc.record({
    rate: fc.integer({ min: 1, max: 100_000 }),
    headroom: fc.constantFrom(0, 0.3, 1),
    spare: fc.nat(3),
  });
  fc.assert(
    fc.property(rates, ({ rate, headroom, spare }) => {
      const { providers, perProvider } = capacityOf(results(), { rate, headroom, spare, maxP99Ms: 100 });
      assert.equal(perProvider, results().achieved / 2);
      const busy = providers - spare;
      assert.ok(busy * perProvider >= rate * (1 + headroom) && (busy - 1) * perProvider < rate * (1 + headroom));
    }),
  );
});

test("a measurement that was slow, failed too often or answered nothing is no base for a promise", () => {
  const options = { rate: 1_000, headroom: 0.3, spare: 1, maxP99Ms: 100 };
  const { latencyMs } = results();
  for (const unfit of [
    results({ latencyMs: { ...latencyMs, p99: 101 } }),
    results({ ok: 2_990 }),
    results({ providers: 0 }),
    results({ achieved: 0 }),
  ]) {
    assert.throws(() => capacityOf(unfit, options), { code: "cli/unfit-results" });
  }
  assert.equal(capacityOf(results({ needed: 5_000 }), options).isSaturated, true);
});

test("results are read back as they were written; anything else is refused with its name", () => {
  assert.deepEqual(parseResults(JSON.stringify(results()), "a.json"), results());
  for (const bad of ["", "null", "[]", "{}", '{"needed":"1"}', JSON.stringify({ ...results(), achieved: null })]) {
    assert.throws(
      () => parseResults(bad, "a.json"),
      (error: Error) => "code" in error && error.code === "cli/unfit-results" && error.message.includes("a.json"),
    );
  }
});

test("plots hold a place for every number, also when nothing was answered", () => {
  for (const shown of [results(), resultsOf(planOf(1, 1, 1), { ...RUN, seconds: 1 }, new Tally())]) {
    const svg = plotSvg(shown);
    assert.doesNotMatch(svg, /NaN|Infinity|undefined/);
    assert.ok(!svg.includes("<&>"), "a name can't break out of the picture");
    assert.equal(svg.match(/<path /g)?.length, 2);
    assert.doesNotMatch(plotTerminal(shown), /NaN|undefined/);
  }
});
