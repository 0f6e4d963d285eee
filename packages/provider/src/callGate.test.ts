import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_OUTPUT_BYTES } from "@demec/protocol";
import { CallGate } from "./callGate.ts";
import { echo, requestOf } from "./testing/hosted.ts";

const callOf = (tenant: string, limits = {}) => ({
  moduleHash: new Uint8Array(32),
  request: requestOf("x", limits),
  deadlineMs: 1_000,
  tenant,
});

test("one buyer's calls are bounded, another's are not affected, and each end makes room", async () => {
  const ends: (() => void)[] = [];
  const waiting = {
    run: async (call: Parameters<typeof echo.run>[0]) => {
      await new Promise<void>((resolve) => ends.push(resolve));
      return echo.run(call);
    },
  };
  const gate = new CallGate(waiting, 2);
  const running = [gate.run(callOf("a")), gate.run(callOf("a")), gate.run(callOf("b"))];
  await assert.rejects(gate.run(callOf("a")), {
    code: "provider/too-many-calls",
    details: { running: 2, maxCallsPerBuyer: 2 },
  });
  ends.shift()!();
  await running[0];
  const next = gate.run(callOf("a"));
  await assert.rejects(gate.run(callOf("a")), { code: "provider/too-many-calls" });
  for (const end of ends) end();
  await Promise.all([...running, next]);
});

test("a call that fails makes room as well", async () => {
  const gate = new CallGate({ run: () => Promise.reject(new Error("dead")) }, 1);
  for (let i = 0; i < 3; i++) await assert.rejects(gate.run(callOf("a")), { message: "dead" });
});

test("a call whose output no message could carry is refused before it runs", async () => {
  let runs = 0;
  const counting = {
    run: (call: Parameters<typeof echo.run>[0]) => {
      runs++;
      return echo.run(call);
    },
  };
  const gate = new CallGate(counting, 1);
  await assert.rejects(gate.run(callOf("a", { outputBytes: MAX_OUTPUT_BYTES + 1 })), { code: "provider/output-limit" });
  assert.equal(runs, 0);
  await gate.run(callOf("a", { outputBytes: MAX_OUTPUT_BYTES }));
  assert.equal(runs, 1);
});
