import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isDemecError } from "../errors.ts";
import { arbitraryFrame } from "./arbitraryFrame.ts";
import { BatchWriter, readBatch } from "./batch.ts";
import type { DecodedFrame, Frame } from "./frame.ts";
import { MAX_FRAME_BYTES } from "./limits.ts";

function read(bytes: Uint8Array, maxFrameBytes = MAX_FRAME_BYTES): DecodedFrame[] {
  const frames: DecodedFrame[] = [];
  readBatch(bytes, maxFrameBytes, (frame) => frames.push(frame));
  return frames;
}

test("a batch gives its frames back in order, over any capacity", () => {
  fc.assert(
    fc.property(fc.array(arbitraryFrame, { minLength: 1, maxLength: 12 }), fc.nat(3000), (frames, capacity) => {
      const writer = new BatchWriter(capacity);
      const got: DecodedFrame[] = [];
      for (const frame of frames) {
        if (writer.append(frame)) continue;
        got.push(...read(writer.bytes().slice()));
        writer.clear();
        assert.ok(writer.append(frame), "an empty batch takes any frame");
      }
      got.push(...read(writer.bytes().slice()));
      assert.deepEqual(got, frames);
    }),
    { numRuns: 500 },
  );
});

test("a frame that can't be encoded leaves the batch as it was", () => {
  const writer = new BatchWriter(1000);
  writer.append({ type: "ping", nonce: 1 });
  const length = writer.length;
  const bad: Frame = {
    type: "session",
    handle: 1,
    message: { type: "fault", callId: 1, code: "c".repeat(99), message: "", breach: false },
  };
  assert.throws(() => writer.append(bad), { code: "protocol/out-of-range" });
  assert.throws(() => writer.append({ type: "goodbye", code: "x", message: "long" }, 4), {
    code: "protocol/frame-too-large",
  });
  assert.equal(writer.length, length);
  assert.deepEqual(read(writer.bytes()), [{ type: "ping", nonce: 1 }]);
});

test("frames before a bad one are delivered, and the bad one is a DemecError", () => {
  fc.assert(
    fc.property(fc.array(arbitraryFrame, { maxLength: 3 }), fc.uint8Array({ maxLength: 40 }), (frames, junk) => {
      const writer = new BatchWriter(20_000);
      for (const frame of frames) writer.append(frame);
      const got: DecodedFrame[] = [];
      try {
        readBatch(Uint8Array.of(...writer.bytes(), ...junk), 10_000, (frame) => got.push(frame));
      } catch (error) {
        assert.ok(isDemecError(error));
      }
      assert.deepEqual(got.slice(0, frames.length), frames);
    }),
  );
});

test("a frame above the reader's own limit is refused by its announced length alone", () => {
  assert.throws(() => read(Uint8Array.of(0xfe, 0xff, 0xff, 0xff, 0x00)), { code: "protocol/frame-too-large" });
  assert.throws(() => read(Uint8Array.of(200), 100), { code: "protocol/frame-too-large" });
  assert.throws(() => read(new Uint8Array()), { code: "protocol/malformed" });
});
