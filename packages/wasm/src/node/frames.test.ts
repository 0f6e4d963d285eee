import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { FrameBuffer, FrameCursor, FrameWriter } from "./frames.ts";

it("frames come out as they went in, however the bytes are cut", () => {
  const contents = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  fc.assert(
    fc.property(contents, fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1 }), (frames, cuts) => {
      const bytes = Buffer.concat(
        frames.map((content, i) => {
          const writer = new FrameWriter(i % 256, content.length);
          writer.raw(content);
          return writer.bytes;
        }),
      );
      const buffer = new FrameBuffer(1000);
      const seen: Uint8Array[] = [];
      for (let at = 0, cut = 0; at < bytes.length; cut++) {
        const chunk = bytes.subarray(at, at + cuts[cut % cuts.length]!);
        buffer.push(chunk);
        at += chunk.length;
        for (let frame = buffer.next(); frame !== undefined; frame = buffer.next()) {
          const cursor = new FrameCursor(frame);
          assert.equal(cursor.u8(), seen.length % 256);
          seen.push(Uint8Array.from(cursor.rest()));
        }
      }
      assert.deepEqual(seen, frames);
    }),
  );
});

it("a frame over the limit, and a read past a frame's end, are errors", () => {
  const buffer = new FrameBuffer(100);
  buffer.push(Buffer.from([101, 0, 0, 0]));
  assert.throws(() => buffer.next());
  assert.throws(() => new FrameCursor(Buffer.from([5, 0, 0, 0, 1])).vector());
});
