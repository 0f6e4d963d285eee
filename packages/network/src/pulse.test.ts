import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Pulse } from "./pulse.ts";

test("a silent peer is gone after the stated silence, at the next tick, and not before", () => {
  fc.assert(
    fc.property(fc.integer({ min: 10, max: 1000 }), fc.integer({ min: 10, max: 5000 }), (intervalMs, deadAfterMs) => {
      const pulse = new Pulse(intervalMs, deadAfterMs, 0);
      let now = 0;
      do now += intervalMs;
      while (!pulse.tick(now));
      assert.ok(now >= deadAfterMs && now < deadAfterMs + intervalMs);
    }),
  );
});

test("a peer that is heard in time is never gone", () => {
  const pulse = new Pulse(500, 1500, 0);
  for (let beat = 1; beat < 100; beat++) {
    if (beat % 3 === 0) pulse.heard();
    assert.equal(pulse.tick(beat * 500), false);
  }
});

test("time in which this process itself was stalled does not count against the peer", () => {
  const pulse = new Pulse(500, 1500, 0);
  assert.equal(pulse.tick(60_000), false);
  pulse.heard();
  assert.equal(pulse.tick(60_500), false);
});
