import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Pulse } from "./pulse.ts";

test("silence is the time since the last tick before which something was heard, whatever the intervals", () => {
  const beats = fc.array(fc.record({ intervalMs: fc.integer({ min: 10, max: 1000 }), heard: fc.boolean() }));
  fc.assert(
    fc.property(beats, (list) => {
      const pulse = new Pulse(0);
      let now = 0;
      let heardMs = 0;
      for (const { intervalMs, heard } of list) {
        now += intervalMs;
        if (heard) {
          pulse.heard();
          heardMs = now;
        }
        assert.equal(pulse.tick(now, intervalMs), now - heardMs);
      }
    }),
  );
});

test("time in which this process itself was stalled does not count against the peer", () => {
  const pulse = new Pulse(0);
  assert.equal(pulse.tick(60_000, 500), 750);
  pulse.heard();
  assert.equal(pulse.tick(60_500, 500), 0);
});
