import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";
import { Registry } from "prom-client";
import type { Health } from "./health.ts";
import { serveOperations } from "./operationsServer.ts";

const WELL = { ok: true, detail: "" };
const HEALTH: Health = { serving: WELL, chain: WELL, dht: WELL, executor: WELL, journal: WELL };

test("one part that is not well makes the whole not ready, and only that part is blamed", async (t) => {
  for (const part of Object.keys(HEALTH) as (keyof Health)[]) {
    const health = async () => ({ ...HEALTH, [part]: { ok: false, detail: "it is gone" } });
    const server = await serveOperations({ host: "127.0.0.1", port: 0 }, { registry: new Registry(), health });
    t.after(() => server.close());
    const response = await fetch(`${server.url}/readyz`);
    const { ok, parts } = (await response.json()) as { ok: boolean; parts: Health };
    assert.deepEqual([response.status, ok], [503, false]);
    assert.deepEqual(
      Object.entries(parts).flatMap(([name, finding]) => (finding.ok ? [] : [name])),
      [part],
    );
  }
});

test("a port that is taken is told as such", async (t) => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  t.after(() => other.close());
  const { port } = other.address() as { port: number };
  await assert.rejects(
    serveOperations({ host: "127.0.0.1", port }, { registry: new Registry(), health: async () => HEALTH }),
    { code: "provider/bad-metrics-address", details: { host: "127.0.0.1", port } },
  );
});

test("a failing collector is an answer, not the end of the server", async (t) => {
  const registry = new Registry();
  registry.registerMetric({
    ...{ name: "broken", help: "", type: "gauge" },
    get: () => Promise.reject(new Error("no number")),
  } as never);
  const server = await serveOperations({ host: "127.0.0.1", port: 0 }, { registry, health: async () => HEALTH });
  t.after(() => server.close());
  assert.equal((await fetch(`${server.url}/metrics`)).status, 500);
  assert.equal((await fetch(`${server.url}/readyz`)).status, 200);
});
