import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { it } from "node:test";
import { BIT_WEIGHT, FLOAT_WEIGHT, NAMES } from "./instructionTable.ts";
import { WEIGHTS } from "./weights.ts";

const DOCS = readFileSync(new URL("../../../../docs/meter.md", import.meta.url), "utf8");

it("the published table of weights is the one that is charged by, row for row", () => {
  const rows = Object.entries(WEIGHTS).map(
    ([name, { counter, weight, reason }]) => `| \`${name}\` | ${counter} | ${weight} | ${reason} |`,
  );
  const lines = DOCS.split("\n").map((line) => line.replace(/ +/g, " "));
  assert.deepEqual(
    lines.filter((line) => /^\| `[a-z-]+` \| (bit|float)Ops \|/.test(line)),
    rows,
  );
});

it("no instruction that makes a baseline compiler emit code is free", () => {
  const free = NAMES.filter((name, code) => name !== undefined && BIT_WEIGHT[code] === 0 && FLOAT_WEIGHT[code] === 0);
  assert.deepEqual(free, ["nop", "block", "loop", "else", "end", "drop"]);
});

it("every instruction of WebAssembly 2.0 with tail calls has a weight in one counter alone", () => {
  assert.equal(NAMES.filter((name) => name !== undefined).length, 437 + 2);
  assert.ok(NAMES.every((_, code) => BIT_WEIGHT[code] === 0 || FLOAT_WEIGHT[code] === 0));
});
