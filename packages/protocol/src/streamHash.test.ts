import assert from "node:assert/strict";
import { it } from "node:test";
import fc from "fast-check";
import { sha256 } from "./sha256.node.ts";
import { STREAM_CHUNK_BYTES, StreamHash } from "./streamHash.ts";

const bytesOf = (length: number) => Uint8Array.from({ length }, (_, i) => (i * 31 + (i >> 8)) & 255);
function hashOf(...parts: Uint8Array[]): string {
  const hash = new StreamHash();
  for (const part of parts) hash.update(part);
  return Buffer.from(hash.digest()).toString("hex");
}

/** The definition, read naively: split at the largest power of two of chunks that leaves something on the right. */
function root(chunks: Uint8Array[]): Uint8Array {
  if (chunks.length === 1) return sha256(Uint8Array.of(0), chunks[0]!);
  const half = 2 ** Math.floor(Math.log2(chunks.length - 1));
  return sha256(Uint8Array.of(1), root(chunks.slice(0, half)), root(chunks.slice(half)));
}

it("is the Merkle root of the chunks with the length, as defined", () => {
  for (const length of [
    1,
    STREAM_CHUNK_BYTES,
    STREAM_CHUNK_BYTES + 1,
    5 * STREAM_CHUNK_BYTES,
    7.5 * STREAM_CHUNK_BYTES,
  ]) {
    const bytes = bytesOf(length);
    const chunks: Uint8Array[] = [];
    for (let at = 0; at < length; at += STREAM_CHUNK_BYTES) chunks.push(bytes.subarray(at, at + STREAM_CHUNK_BYTES));
    const size = new Uint8Array(8);
    new DataView(size.buffer).setBigUint64(0, BigInt(length));
    const expected = sha256(new TextEncoder().encode("deMEC stream v1"), size, root(chunks));
    assert.equal(hashOf(bytes), Buffer.from(expected).toString("hex"));
  }
});

it("does not depend on how the stream is cut, and does on every byte and the length", () => {
  const bytes = bytesOf(3 * STREAM_CHUNK_BYTES + 1000);
  const whole = hashOf(bytes);
  fc.assert(
    fc.property(fc.array(fc.nat(bytes.length), { maxLength: 12 }), fc.nat(bytes.length - 1), (cuts, at) => {
      const edges = [0, ...cuts.sort((a, b) => a - b), bytes.length];
      assert.equal(hashOf(...edges.slice(1).map((edge, i) => bytes.subarray(edges[i], edge))), whole);
      const other = bytes.slice();
      other[at]! ^= 1;
      assert.notEqual(hashOf(other), whole);
      assert.notEqual(hashOf(bytes.subarray(0, at)), whole);
    }),
    { numRuns: 30 },
  );
});
