import assert from "node:assert/strict";
import { test } from "node:test";
import { MAX_OUTPUT_BYTES } from "@demec/protocol";
import { CallGate } from "./callGate.ts";
import { echo, requestOf } from "./testing/hosted.ts";

const LIMITS = { maxCallsPerBuyer: 1, callsPerSecondPerBuyer: 100 };
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
  const gate = new CallGate(waiting, { ...LIMITS, maxCallsPerBuyer: 2 });
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
  const gate = new CallGate({ run: () => Promise.reject(new Error("dead")) }, LIMITS);
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
  const gate = new CallGate(counting, LIMITS);
  await assert.rejects(gate.run(callOf("a", { outputBytes: MAX_OUTPUT_BYTES + 1 })), { code: "provider/output-limit" });
  assert.equal(runs, 0);
  await gate.run(callOf("a", { outputBytes: MAX_OUTPUT_BYTES }));
  assert.equal(runs, 1);
});

test("one buyer's calls a second are bounded, beyond a second's worth at once; another buyer's are not affected", async (t) => {
  let nowMs = 0;
  t.mock.method(performance, "now", () => nowMs);
  const gate = new CallGate(echo, LIMITS);
  const passed = async (tenant: string, calls: number) => {
    let count = 0;
    for (let i = 0; i < calls; i++) {
      await gate.run(callOf(tenant)).then(
        () => count++,
        (error) => assert.equal(error.code, "provider/call-rate"),
      );
    }
    return count;
  };
  assert.equal(await passed("a", 300), 100);
  nowMs += 500;
  assert.equal(await passed("a", 300), 50);
  assert.equal(await passed("b", 100), 100);
});
