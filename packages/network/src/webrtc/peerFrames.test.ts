import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { encodePeerFrame, type FromPeer, PeerFrameReader } from "./peerFrames.ts";

const control = fc.constantFrom<FromPeer>(
  { type: "closed" },
  { type: "sent", bytes: 7 },
  { type: "opened", remoteHost: "::1" },
);
const frame = fc.tuple(fc.nat(2 ** 32 - 1), fc.oneof(fc.uint8Array({ maxLength: 300 }), control));

test("frames come out as they went in, wherever the pipe cuts them", () => {
  fc.assert(
    fc.property(
      fc.array(frame, { maxLength: 12 }),
      fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
      (said, cuts) => {
        const heard: [number, Uint8Array | FromPeer][] = [];
        const reader = new PeerFrameReader<FromPeer>({
          onMessage: (peer, bytes) => heard.push([peer, Uint8Array.from(bytes)]),
          onControl: (peer, what) => heard.push([peer, what]),
        });
        const bytes = Buffer.concat(said.map(([peer, what]) => encodePeerFrame(peer, what)));
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = cuts[i % cuts.length]!;
          reader.push(bytes.subarray(at, at + length));
          at += length;
        }
        assert.deepEqual(heard, said);
      },
    ),
  );
});
