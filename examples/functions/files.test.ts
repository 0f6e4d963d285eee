/** Functions that read and make files. */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { statusName } from "@demec/protocol/execution";
import { makeFiles } from "@demec/protocol/files";
import fc from "fast-check";
import { buildFunctions, whyNotBuilt } from "../../scripts/build-functions.ts";
import { load, request, utf8 } from "./testing/load.ts";

const JOIN = "join/build/join.wasm";
const SORT = "sort/build/sort.wasm";
const skipping = (output: string) => ({ skip: whyNotBuilt(output) ?? false });
const textOf = (bytes: Uint8Array) => Buffer.from(bytes).toString();

before(() => buildFunctions());

describe("join, in Rust", skipping(JOIN), () => {
  it("adds a column for each file of its directory, in the order of their names", async () => {
    const module = await load(JOIN);
    const key = fc.constantFrom("tea", "rum", "größe", "");
    const value = fc.constantFrom("1", "2.5", "a,b", "");
    const table = fc.uniqueArray(fc.tuple(key, value), { selector: ([key]) => key });
    const name = fc.constantFrom("b.csv", "a.csv", "ä.csv", "10", "9");
    const tables = fc.uniqueArray(fc.tuple(name, table), { selector: ([name]) => name, minLength: 1 });
    fc.assert(
      fc.property(tables, fc.array(fc.tuple(key, value)), (tables, rows) => {
        const files = makeFiles(
          Object.fromEntries(
            tables.map(([name, rows]) => [`tables/${name}`, utf8(rows.map((row) => `${row.join(",")}\n`).join(""))]),
          ),
        );
        const input = utf8(rows.map((row) => `${row.join(",")}\n`).join(""));
        const { status, output, stderr } = module.run(request({ shape: "command", input, files }));
        const sorted = [...tables].sort(([one], [other]) => Buffer.compare(utf8(one), utf8(other)));
        const expected = rows.map(([key, value]) =>
          [key, value, ...sorted.map(([, rows]) => rows.find(([other]) => other === key)?.[1] ?? "")].join(","),
        );
        assert.equal(statusName(status), "ok", textOf(stderr));
        assert.equal(textOf(output), expected.map((row) => `${row}\n`).join(""));
      }),
    );
  });

  it("says on stderr, with exit code 2, that it was given no tables", async () => {
    const module = await load(JOIN);
    const outcome = module.run(request({ shape: "command" }));
    assert.deepEqual([statusName(outcome.status), outcome.exitCode], ["exitCode", 2]);
    assert.match(textOf(outcome.stderr), /^join: No such file or directory/);
  });
});

describe("sort, in C", skipping(SORT), () => {
  it("sorts any lines, in as many runs as it takes, call after call", async () => {
    const module = await load(SORT);
    const line = fc.string({ unit: "grapheme", maxLength: 20 }).map((text) => text.replaceAll(/[\n\0]/g, "-"));
    for (const maxLength of [10, 1500]) {
      fc.assert(
        fc.property(fc.array(line, { maxLength, size: "max" }), (lines) => {
          const input = utf8(lines.map((line) => `${line}\n`).join(""));
          const { status, output, stderr } = module.run(request({ shape: "command", input }));
          assert.equal(statusName(status), "ok", textOf(stderr));
          const sorted = lines.map((line) => Buffer.from(line)).sort(Buffer.compare);
          assert.equal(textOf(output), sorted.map((line) => `${line}\n`).join(""));
        }),
        { numRuns: 20 },
      );
    }
  });
});
