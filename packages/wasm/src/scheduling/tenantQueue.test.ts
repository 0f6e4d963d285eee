import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { TenantQueue } from "./tenantQueue.ts";

const MAX_COST_MS = 100;

it("tenants that all wait have had the same time of the machine, but for one turn, whatever their turns cost", () => {
  const costs = fc.array(fc.double({ min: 0.1, max: MAX_COST_MS, noNaN: true }), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(costs, fc.boolean(), fc.integer({ min: 1, max: 300 }), (costsMs, isEstimated, turns) => {
      const queue = new TenantQueue<number>();
      const usedMs = costsMs.map(() => 0);
      for (const tenant of costsMs.keys())
        for (let i = 0; i <= turns; i++) queue.push(String(tenant), tenant * 1000 + i);
      for (let turn = 0; turn < turns; turn++) {
        const costMs = costsMs[Math.floor(queue.peek()! / 1000)]!;
        const tenant = Math.floor(queue.shift(isEstimated ? costMs : 1)! / 1000);
        if (!isEstimated) queue.charge(String(tenant), costMs - 1);
        usedMs[tenant]! += costMs;
        assert.ok(Math.max(...usedMs) - Math.min(...usedMs) <= MAX_COST_MS + 1e-6);
      }
    }),
  );
});

it("a newcomer is next but for one turn of each who waits, whatever others have waiting and have had", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 400 }), (others, turns) => {
      const queue = new TenantQueue<string>();
      for (let other = 0; other < others; other++) {
        for (let i = 0; i < 500; i++) queue.push(`other ${other}`, `${other} ${i}`);
      }
      // Charged too much at first, as before anything is known of a module.
      for (let i = 0; i < turns; i++) {
        const [, name] = queue.peek()!.match(/^(\d) /)!;
        queue.shift(50);
        queue.charge(`other ${name}`, -49);
      }
      queue.push("new", "new");
      let before = 0;
      while (queue.shift(1) !== "new") before++;
      assert.ok(before <= others, `${before} turns came first`);
    }),
  );
});

it("a turn that comes and goes at once is charged like one that waited first", () => {
  const turn = fc.tuple(fc.constantFrom("a", "b", "c"), fc.double({ min: 0, max: MAX_COST_MS, noNaN: true }));
  fc.assert(
    fc.property(fc.array(turn, { maxLength: 100 }), (turns) => {
      const [passing, waiting] = [new TenantQueue<string>(), new TenantQueue<string>()];
      for (const [tenant, costMs] of turns) {
        passing.pass(tenant, costMs);
        waiting.push(tenant, tenant);
        waiting.shift(costMs);
      }
      const served = [passing, waiting].map((queue) => {
        for (let i = 0; i < 30; i++) for (const tenant of ["a", "b", "c"]) queue.push(tenant, tenant);
        return Array.from({ length: 90 }, () => queue.shift(10));
      });
      assert.deepEqual(served[0], served[1]);
    }),
  );
});

it("idleness saves nothing up: who comes back gets no more turns than who stayed", () => {
  const queue = new TenantQueue<string>();
  queue.push("back", "back");
  queue.shift(1);
  for (let i = 0; i < 1000; i++) queue.push("stayed", `stayed ${i}`);
  for (let i = 0; i < 500; i++) queue.shift(1);
  for (let i = 0; i < 100; i++) queue.push("back", `back ${i}`);
  const turns = Array.from({ length: 100 }, () => queue.shift(1)!.split(" ")[0]);
  assert.ok(Math.abs(turns.filter((tenant) => tenant === "back").length - 50) <= 1);
});

it("nothing is lost, doubled or out of its tenant's order, whatever is added, taken out, put back and charged", () => {
  const tenant = fc.constantFrom("a", "b", "c", "d");
  const step = fc.oneof(
    fc.record({ type: fc.constant("push" as const), tenant }),
    fc.record({ type: fc.constant("shift" as const), costMs: fc.double({ min: 0, max: 10, noNaN: true }) }),
    fc.record({ type: fc.constant("back" as const) }),
    fc.record({ type: fc.constant("delete" as const), which: fc.nat() }),
    fc.record({ type: fc.constant("charge" as const), tenant, ms: fc.double({ min: -5, max: 50, noNaN: true }) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      const queue = new TenantQueue<string>();
      const model = new Map<string, string[]>(["a", "b", "c", "d"].map((name) => [name, []]));
      // What was put back, in that order, comes before the others.
      const backs = new Map<string, string[]>(["a", "b", "c", "d"].map((name) => [name, []]));
      const waiting = (name: string) => [...backs.get(name)!, ...model.get(name)!];
      const takeOut = (item: string) => {
        for (const lists of [backs, model]) {
          lists.set(
            item[0]!,
            lists.get(item[0]!)!.filter((other) => other !== item),
          );
        }
      };
      let last: string | undefined;
      for (const [i, action] of steps.entries()) {
        if (action.type === "push") {
          const item = `${action.tenant}${i}`;
          queue.push(action.tenant, item);
          model.get(action.tenant)!.push(item);
        } else if (action.type === "shift") {
          const next = queue.peek();
          last = queue.shift(action.costMs);
          assert.equal(last, next);
          if (last === undefined) assert.equal(queue.length, 0);
          else {
            assert.equal(last, waiting(last[0]!)[0]);
            takeOut(last);
          }
        } else if (action.type === "back" && last !== undefined) {
          queue.unshift(last[0]!, last);
          backs.get(last[0]!)!.push(last);
          last = undefined;
        } else if (action.type === "delete") {
          const all = [...model.keys()].flatMap(waiting);
          const item = all[action.which % Math.max(1, all.length)];
          if (item === undefined) continue;
          assert.equal(queue.delete(item[0]!, item), true);
          assert.equal(queue.delete(item[0]!, item), false);
          takeOut(item);
        } else if (action.type === "charge") {
          queue.charge(action.tenant, action.ms);
        }
        for (const name of model.keys()) assert.equal(queue.lengthOf(name), waiting(name).length);
        assert.equal(queue.length, [...model.keys()].flatMap(waiting).length);
      }
    }),
  );
});

it("thousands of tenants that came once are forgotten", () => {
  const queue = new TenantQueue<number>();
  for (let i = 0; i < 20_000; i++) {
    queue.push(`tenant ${i}`, i);
    assert.equal(queue.shift(i % 7), i);
    queue.charge(`tenant ${i}`, 1);
  }
  assert.ok((queue as unknown as { lines: Map<string, unknown> }).lines.size < 3_000);
});

it("a newcomer starts level with who is served, whatever the turn that is under way is taken to cost", () => {
  const queue = new TenantQueue<string>();
  for (let i = 0; i < 3; i++) queue.push("loud", `loud ${i}`);
  assert.equal(queue.shift(1_000), "loud 0");
  queue.push("quiet", "quiet");
  queue.charge("loud", 5 - 1_000);
  assert.equal(queue.shift(5), "quiet");
});
