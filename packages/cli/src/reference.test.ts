import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { makeProgram } from "./program.ts";
import { cliReference } from "./reference.ts";

const PAGE = new URL("../../../docs/cli.md", import.meta.url);

test("docs/cli.md is what the program says of itself", () => {
  assert.equal(readFileSync(PAGE, "utf8"), cliReference(makeProgram()), "run pnpm build:cli-docs");
});

test("every command that does something shows an example or needs none", () => {
  const bare = cliReference(makeProgram())
    .split(/^## /m)
    .slice(1)
    .filter((section) => /^Usage: .*(<|\[(?!options|command))/m.test(section) && !section.includes("Example"))
    .map((section) => section.split("\n")[0]);
  assert.deepEqual(bare, ["demec keys address", "demec keys export"]);
});
