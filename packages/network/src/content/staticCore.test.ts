import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { CoreRequest } from "hypercore/lib/messages.js";
import { BLOCK_BYTES } from "./manifest.ts";
import { StaticCore } from "./staticCore.ts";

const bytes = new Uint8Array(5 * BLOCK_BYTES + 1).map((_, i) => i >> 7);
const core = new StaticCore(bytes);

test("the same bytes are the same core, and others another one", () => {
  assert.deepEqual(new StaticCore(bytes.slice()).content, core.content);
  const others = new StaticCore(bytes.subarray(1)).content;
  assert.notEqual(others.coreKey, core.content.coreKey);
});

test("whatever is asked for ends: in an answer that is the core's, or in none", async () => {
  const number = fc.oneof(fc.nat({ max: 2 * core.length }), fc.constant(Number.MAX_SAFE_INTEGER));
  const request: fc.Arbitrary<CoreRequest> = fc.record({
    ...{ id: number, fork: fc.oneof(fc.constant(0), number), manifest: fc.boolean(), priority: number },
    block: fc.option(fc.record({ index: number, nodes: number })),
    hash: fc.option(fc.record({ index: number, nodes: number }), { freq: 1 }),
    seek: fc.option(fc.record({ bytes: number, padding: number }), { freq: 1 }),
    upgrade: fc.option(fc.record({ start: number, length: number })),
  });
  let answered = 0;
  await fc.assert(
    fc.asyncProperty(request, async (asked) => {
      const answer = await core.prove(structuredClone(asked));
      if (answer === null) return;
      answered++;
      assert.equal(answer.request, asked.id);
      assert.equal(answer.block?.index, asked.block?.index);
      if (asked.block === null || asked.block.index === 0) return;
      const at = (asked.block.index - 1) * BLOCK_BYTES;
      assert.deepEqual(answer.block!.value, bytes.subarray(at, at + BLOCK_BYTES));
    }),
    { numRuns: 2_000 },
  );
  assert.ok(answered > 20, `${answered} answers`);
});
