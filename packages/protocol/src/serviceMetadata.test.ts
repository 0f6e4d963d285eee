import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { formatServiceMetadata, MAX_SCHEMA_BYTES, parseServiceMetadata } from "./serviceMetadata.ts";

test("metadata survives its own encoding", () => {
  const metadata = {
    name: "thumbnail",
    description: "Scales a PPM",
    shape: "reactor",
    limits: { bitOps: 10n ** 12n, floatOps: 7n, memoryPages: 256, outputBytes: 65536 },
    schema: { coreKey: `0x${"0c".repeat(32)}`, sha256: `0x${"0d".repeat(32)}`, length: 300 },
    browserProviders: true,
  } as const;
  assert.deepEqual(parseServiceMetadata(formatServiceMetadata(metadata)), metadata);
});

test("whatever a publisher wrote, reading it never throws and never yields half a limit or half a reference", () => {
  const anyText = fc.oneof(
    fc.string(),
    fc.json(),
    fc.object().map((value) => JSON.stringify({ limits: value, shape: value, schema: value })),
    fc
      .record({ coreKey: fc.string(), sha256: fc.string(), length: fc.nat() }, { requiredKeys: [] })
      .map((schema) => JSON.stringify({ schema })),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      const { name, limits, shape, schema } = parseServiceMetadata(text);
      assert.equal(typeof name, "string");
      assert.ok(shape === undefined || shape === "command" || shape === "reactor");
      assert.equal(schema, undefined);
      if (limits !== undefined) assert.equal(Object.values(limits).includes(undefined as never), false);
    }),
  );
});

test("a reference to schemas that are larger than anybody would check is none", () => {
  const schema = { coreKey: `0x${"0c".repeat(32)}`, sha256: `0x${"0d".repeat(32)}`, length: MAX_SCHEMA_BYTES } as const;
  assert.deepEqual(parseServiceMetadata(formatServiceMetadata({ name: "a", schema })).schema, schema);
  const larger = { ...schema, length: MAX_SCHEMA_BYTES + 1 };
  assert.deepEqual(parseServiceMetadata(formatServiceMetadata({ name: "a", schema: larger })), { name: "a" });
});
