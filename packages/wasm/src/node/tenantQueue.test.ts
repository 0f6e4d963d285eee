import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { TenantQueue } from "./tenantQueue.ts";

it("a tenant's calls leave in order, and no tenant gets two turns while another waits", () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 60 }), (tenants) => {
      const queue = new TenantQueue<number>();
      for (const [i, tenant] of tenants.entries()) queue.push(tenant, i);
      const served: number[] = [];
      while (queue.length > 0) {
        assert.equal(queue.peek(), queue.peek());
        const next = queue.peek();
        assert.equal(queue.shift(), next);
        served.push(next!);
        const turn = tenants[next!]!;
        // Everybody who waits is served before the same tenant is again.
        const previous = served.slice(0, -1).map((i) => tenants[i]!);
        const since = previous.slice(previous.lastIndexOf(turn) + 1);
        if (previous.includes(turn)) {
          for (const other of new Set(tenants)) {
            if (other !== turn && queue.lengthOf(other) > 0) assert.ok(since.includes(other));
          }
        }
      }
      for (const tenant of ["a", "b", "c"]) {
        const own = served.filter((i) => tenants[i] === tenant);
        assert.deepEqual(
          own,
          [...own].sort((x, y) => x - y),
        );
      }
      assert.equal(served.length, tenants.length);
      assert.equal(queue.shift(), undefined);
    }),
  );
});

it("what is put back is served next, before its tenant's others", () => {
  const queue = new TenantQueue<string>();
  for (const item of ["a1", "a2", "b1"]) queue.push(item[0]!, item);
  assert.equal(queue.shift(), "a1");
  queue.unshift("a", "a1");
  assert.deepEqual([queue.shift(), queue.shift(), queue.shift(), queue.length], ["a1", "b1", "a2", 0]);
});
