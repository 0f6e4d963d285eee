import assert from "node:assert/strict";
import { test } from "node:test";
import type { DemecError } from "@demec/protocol";
import fc from "fast-check";
import * as z from "zod/mini";
import { makeCodec } from "./codec.ts";
import { type FunctionSchema, type JsonSchema, parseSchema } from "./functionSchema.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const POINT = {
  type: "object",
  properties: { x: { type: "number" }, "a/b~c ä": { $ref: "#/$defs/short" } },
  required: ["x"],
  additionalProperties: false,
  $defs: { short: { type: "string", maxLength: 3 } },
} as const;

async function failureOf(work: Promise<unknown>): Promise<Pick<DemecError, "code" | "details" | "message">> {
  return work.then(
    (value) => assert.fail(`gave ${String(value)}`),
    (error) => error,
  );
}

const encodeBy = async (input: FunctionSchema["input"], value: unknown) =>
  (await makeCodec(input === undefined ? {} : { input })).encode(value);
const decodeBy = async (output: FunctionSchema["output"], bytes: Uint8Array) =>
  (await makeCodec(output === undefined ? {} : { output })).decode(bytes);

test("every JSON value comes back as it went in", async () => {
  const { encode, decode } = await makeCodec({ input: true, output: true });
  await fc.assert(
    fc.asyncProperty(fc.jsonValue(), async (value) => {
      assert.deepEqual(await decode(utf8((await encode(value)) as string)), JSON.parse(JSON.stringify(value)));
    }),
  );
});

test("text travels without quotes, whatever is in it, and a side without a schema untouched", async () => {
  const text = { type: "string", contentMediaType: "text/plain; charset=utf-8" };
  const { encode, decode } = await makeCodec({ input: text, output: text });
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "binary" }).filter((sent) => sent.isWellFormed()),
      async (sent) => {
        assert.equal(await encode(sent), sent);
        assert.equal(await decode(utf8(sent)), sent);
      },
    ),
  );
  const bytes = Uint8Array.of(0xff, 0);
  assert.equal(await encodeBy(undefined, bytes), bytes);
  assert.equal(await decodeBy(undefined, bytes), bytes);
});

test("what is not as the schema says is refused with the place and the value", async () => {
  const cases: readonly [JsonSchema, unknown, string, unknown][] = [
    [POINT, { x: "1" }, "/x", "1"],
    [POINT, {}, "", {}],
    [POINT, { x: 1, "a/b~c ä": "long" }, "/a~1b~0c ä", "long"],
    [POINT, { x: 1, y: 2 }, "/y", 2],
    [{ type: "array", items: POINT }, [{ x: 1 }, { x: null }], "/1/x", null],
    [{ anyOf: [{ type: "string" }, POINT] }, { x: "1" }, "", { x: "1" }],
    [false, 1, "", 1],
  ];
  for (const [schema, value, pointer, at] of cases) {
    const input = await failureOf(encodeBy(schema, value));
    assert.deepEqual([input.code, input.details.pointer, input.details.value], ["sdk/input-mismatch", pointer, at]);
    const output = await failureOf(decodeBy(schema, utf8(JSON.stringify(value))));
    assert.deepEqual([output.code, output.details.pointer, output.details.value], ["sdk/output-mismatch", pointer, at]);
  }
});

test("an input is checked as it will travel: what JSON leaves out or changes does not pass for what it was", async () => {
  assert.equal(await encodeBy(POINT, { x: 1, y: undefined }), '{"x":1}');
  assert.equal(await encodeBy({ type: "string" }, new Date(0)), '"1970-01-01T00:00:00.000Z"');
  for (const value of [{ x: Number.NaN }, { x: undefined }, { x: 1n }, undefined, () => 1]) {
    assert.equal((await failureOf(encodeBy(POINT, value))).code, "sdk/input-mismatch");
  }
});

test("an output that is no JSON, or no text, is refused; a long value is cut in the message only", async () => {
  for (const bytes of [utf8("{"), utf8(""), Uint8Array.of(0x22, 0xff, 0x22)]) {
    const { code, details } = await failureOf(decodeBy(true, bytes));
    assert.deepEqual([code, details.pointer], ["sdk/output-mismatch", ""]);
  }
  const long = "x".repeat(10_000);
  const { message, details } = await failureOf(decodeBy({ type: "number" }, utf8(JSON.stringify(long))));
  assert.ok(message.length < 500, message);
  assert.equal(details.value, long);
});

test("another library's schema checks, and makes its own values; its complaint tells the place", async () => {
  const input = z.object({ days: z.array(z._default(z.number(), 7)) });
  assert.equal(await encodeBy(input, { days: [1, undefined] }), '{"days":[1,7]}');
  const { code, details } = await failureOf(encodeBy(input, { days: [1, "2"] }));
  assert.deepEqual([code, details.pointer, details.value], ["sdk/input-mismatch", "/days/1", "2"]);
  const day = z.pipe(
    z.string(),
    z.transform((text) => new Date(text)),
  );
  assert.deepEqual(await decodeBy(day, utf8('"1970-01-01"')), new Date(0));
});

test("a schema that can't be followed is refused, and never fetched from elsewhere or left changed", async () => {
  const broken: JsonSchema[] = [
    { $ref: "#/$defs/none" },
    { $ref: "https://example.org/schema.json" },
    { $ref: "#" },
    { type: "string", pattern: "(" },
    { $id: "http://[" },
  ];
  for (const schema of broken) {
    assert.equal((await failureOf(encodeBy(schema, "x"))).code, "sdk/bad-schema", JSON.stringify(schema));
  }
  const frozen = Object.freeze({ type: "string" });
  assert.equal(await encodeBy(frozen, "x"), '"x"');
});

test("a document of schemas is read, or refused", () => {
  const document = { input: POINT, output: true, example: 1 };
  assert.deepEqual(parseSchema(utf8(JSON.stringify(document))), document);
  for (const text of ["", "[]", "1", "{}", '{"input":1}', '{"output":[]}', '{"input":null}']) {
    assert.throws(() => parseSchema(utf8(text)), { code: "sdk/bad-schema" }, text);
  }
});
