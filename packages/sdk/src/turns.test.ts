import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns, turnsOf } from "./turns.ts";

test("work never overlaps, keeps its order, and goes on after a failure", async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const work = (name: string, ms: number) => async () => {
    seen.push(`${name} begins`);
    await new Promise((resolve) => setTimeout(resolve, ms));
    seen.push(`${name} ends`);
    if (name === "b") throw new Error("b failed");
    return name;
  };
  const results = await Promise.allSettled([
    turns.run(work("a", 20)),
    turns.run(work("b", 1)),
    turns.run(work("c", 5)),
  ]);
  assert.deepEqual(seen, ["a begins", "a ends", "b begins", "b ends", "c begins", "c ends"]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ["fulfilled", "rejected", "fulfilled"],
  );
});

test("clients of one account on one chain share their turns, and no others do", () => {
  const [one, other] = [`0x${"aB".repeat(20)}`, `0x${"cd".repeat(20)}`] as const;
  assert.equal(turnsOf(1, one), turnsOf(1, one.toLowerCase() as typeof one));
  assert.notEqual(turnsOf(1, one), turnsOf(2, one));
  assert.notEqual(turnsOf(1, one), turnsOf(1, other));
});
