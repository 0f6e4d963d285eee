import assert from "node:assert/strict";
import { test } from "node:test";
import { setImmediate as nextTurn } from "node:timers/promises";
import { type DecodedFrame, type Frame, MAX_FRAME_BYTES, readBatch, STATUS } from "@demec/protocol";
import fc from "fast-check";
import { Outbox } from "./outbox.ts";

const ping = (nonce: number): Frame => ({ type: "ping", nonce });
const fault = (bytes: number): Frame => ({
  type: "session",
  handle: 1,
  message: { type: "fault", callId: 1, code: "x", message: "m".repeat(bytes), breach: false },
});

class Wire {
  readonly batches: DecodedFrame[][] = [];
  takes = true;
  readonly write = (bytes: Uint8Array): boolean => {
    const frames: DecodedFrame[] = [];
    readBatch(bytes.slice(), MAX_FRAME_BYTES, (frame) => frames.push(frame));
    this.batches.push(frames);
    return this.takes;
  };
}

test("all frames of one turn of the event loop leave as one batch, in order", async () => {
  const wire = new Wire();
  const outbox = new Outbox(wire.write, MAX_FRAME_BYTES);
  for (let i = 0; i < 100; i++) outbox.push(ping(i));
  await Promise.resolve();
  outbox.push(ping(100));
  assert.equal(wire.batches.length, 0);
  await nextTurn();
  await nextTurn();
  assert.deepEqual(wire.batches, [Array.from({ length: 101 }, (_, i) => ping(i))]);
});

test("frames keep their order and none is lost or doubled, whatever their sizes and however the stream is congested", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(1000), fc.constantFrom("push", "flush", "block", "resume")), { maxLength: 300 }),
      (steps) => {
        const wire = new Wire();
        const outbox = new Outbox(wire.write, MAX_FRAME_BYTES);
        const sent: Frame[] = [];
        for (const [size, step] of steps) {
          if (step === "push") {
            sent.push(fault(size));
            outbox.push(sent.at(-1)!);
          } else if (step === "flush") {
            outbox.flush();
          } else if (step === "block") {
            wire.takes = false;
          } else {
            wire.takes = true;
            outbox.resume();
          }
        }
        wire.takes = true;
        outbox.resume();
        assert.deepEqual(wire.batches.flat(), sent);
        assert.equal(outbox.queuedBytes, 0);
      },
    ),
    { numRuns: 200 },
  );
});

test("while the stream is congested frames wait, are counted, and push advises to wait", async () => {
  const wire = new Wire();
  wire.takes = false;
  const outbox = new Outbox(wire.write, MAX_FRAME_BYTES);
  assert.equal(outbox.push(ping(1)), true);
  outbox.flush();
  assert.equal(outbox.push(ping(2)), false);
  outbox.flush();
  assert.deepEqual(wire.batches, [[ping(1)]]);
  assert.ok(outbox.queuedBytes > 0);
  let drained = false;
  const waiting = outbox.drained().then(() => {
    drained = true;
  });
  await nextTurn();
  assert.equal(drained, false);
  wire.takes = true;
  outbox.resume();
  await waiting;
  assert.deepEqual(wire.batches, [[ping(1)], [ping(2)]]);
});

test("a large frame travels alone and small ones around it keep their places", () => {
  const wire = new Wire();
  const outbox = new Outbox(wire.write, MAX_FRAME_BYTES);
  const result = { type: "result", callId: 1, status: STATUS.ok, exitCode: 0, stderr: new Uint8Array(0) } as const;
  const output = new Uint8Array(MAX_FRAME_BYTES - 28);
  const message = { ...result, output, bitOps: 0n, floatOps: 0n, durationMs: 0 };
  const large: Frame = { type: "session", handle: 1, message };
  for (const frame of [ping(1), large, ping(2)]) outbox.push(frame);
  outbox.flush();
  assert.deepEqual(wire.batches, [[ping(1)], [large], [ping(2)]]);
});
