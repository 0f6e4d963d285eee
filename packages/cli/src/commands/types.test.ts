import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { expectTypeOf } from "expect-type";
import { type open, schema, service } from "../testing/typedClient.ts";
import { typedClient } from "./types.ts";

const SAMPLE = join(import.meta.dirname, "../testing/typedClient.ts");

test("a client is made as the sample is, whose types the compiler checks here", () => {
  // The sample is formatted as all code here.
  const bare = (code: string) => code.replace(/[\s",]/g, "");
  assert.equal(bare(typedClient(service, schema)), bare(readFileSync(SAMPLE, "utf8")));
  type Resize = Awaited<ReturnType<typeof open>>;
  expectTypeOf<Parameters<Resize["call"]>[0]>().toEqualTypeOf<{ width: number; mode?: "fit" | "fill" }>();
  expectTypeOf<ReturnType<Resize["call"]>>().resolves.toEqualTypeOf<Uint8Array>();
});

test("whatever a publisher wrote stays data in the client", async () => {
  const hostile = JSON.parse(
    '{"input":{"__proto__":{"type":"string"},"description":"`evil` \\" */ \\u2028 }; evil()"}}',
  );
  const source = stripTypeScriptTypes(typedClient('eip155:1/erc1155:0x0/1"; evil()', hostile));
  const made = await import(`data:text/javascript,${encodeURIComponent(source)}`);
  assert.deepEqual(JSON.stringify(made.schema), JSON.stringify(hostile));
  assert.equal(made.service, 'eip155:1/erc1155:0x0/1"; evil()');
});
