import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatServiceMetadata, parseServiceMetadata } from "./serviceMetadata.ts";

test("metadata survives its own encoding", () => {
  const metadata = {
    name: "thumbnail",
    description: "Scales a PPM",
    shape: "reactor",
    limits: { bitOps: 10n ** 12n, floatOps: 7n, memoryPages: 256, outputBytes: 65536 },
  } as const;
  assert.deepEqual(parseServiceMetadata(formatServiceMetadata(metadata)), metadata);
});

test("whatever a publisher wrote, reading it never throws and never yields half a limit", () => {
  const anyText = fc.oneof(
    fc.string(),
    fc.json(),
    fc.object().map((value) => JSON.stringify({ limits: value, shape: value })),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      const { name, limits, shape } = parseServiceMetadata(text);
      assert.equal(typeof name, "string");
      assert.ok(shape === undefined || shape === "command" || shape === "reactor");
      if (limits !== undefined) assert.equal(Object.values(limits).includes(undefined as never), false);
    }),
  );
});
