import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { race } from "./race.ts";

interface Runner {
  readonly afterMs: number;
  readonly succeeds: boolean;
}

const runners = fc.array(fc.record({ afterMs: fc.integer({ min: 0, max: 12 }), succeeds: fc.boolean() }), {
  minLength: 1,
  maxLength: 4,
});

test("one attempt that succeeds wins and every other success is discarded; only when all fail the last one's error is told", async () => {
  await fc.assert(
    fc.asyncProperty(runners, fc.integer({ min: 0, max: 6 }), async (list, headStartMs) => {
      const discarded: number[] = [];
      const succeeded: number[] = [];
      const attempts = list.map(({ afterMs, succeeds }: Runner, index) => async () => {
        await sleep(afterMs);
        if (!succeeds) throw new Error(`attempt ${index}`);
        succeeded.push(index);
        return index;
      });
      const outcome = await race(attempts, [headStartMs], (late) => discarded.push(late)).catch(String);
      await sleep(20);
      if (list.some(({ succeeds }) => succeeds)) {
        assert.equal(outcome, succeeded[0]);
        assert.deepEqual(discarded, succeeded.slice(1));
      } else {
        assert.equal(outcome, `Error: attempt ${list.length - 1}`);
      }
    }),
    { numRuns: 40 },
  );
});

test("an attempt has its head start, and one that fails hands over at once", async () => {
  const begun: [string, number][] = [];
  const started = performance.now();
  const begin = (name: string) => begun.push([name, performance.now() - started]);
  const won = await race<string>(
    [
      async () => {
        begin("fails");
        throw new Error("no");
      },
      async (signal) => {
        begin("is slow");
        await sleep(60_000, undefined, { signal });
        return "slow";
      },
      async () => {
        begin("wins");
        return "quick";
      },
    ],
    [60_000, 50],
    () => {},
  );
  assert.equal(won, "quick");
  const at = new Map(begun);
  assert.ok(at.get("is slow")! < 1_000);
  assert.ok(at.get("wins")! - at.get("is slow")! >= 45);
});
