// The error table, the source that throws its codes, and the page that is made from both.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ERROR_TABLE, type ErrorCode } from "@demec/protocol";
import { customErrors, errorIndex } from "../../scripts/docs/errorIndex.ts";
import { errorUses } from "../../scripts/docs/errorUses.ts";

const CONTRACTS = join(import.meta.dirname, "../../contracts");
const codes = Object.keys(ERROR_TABLE) as ErrorCode[];
const uses = errorUses();
const { sentences, unknown, reverts } = uses;

test("every code that is thrown is in the table, and every code of the table is used by the source", () => {
  assert.deepEqual(unknown, []);
  assert.deepEqual(
    codes.filter((code) => !sentences.has(code)),
    [],
  );
});

test("every custom error that the contracts declare reverts somewhere, and those with a code exist", () => {
  const sources = readdirSync(CONTRACTS, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".sol") && !path.startsWith("test/") && !path.endsWith("Errors.sol"))
    .map((path) => readFileSync(join(CONTRACTS, path), "utf8"))
    .join("\n");
  const names = customErrors().map(({ name }) => name);
  assert.ok(names.length > 100);
  assert.deepEqual(
    names.filter((name) => !new RegExp(`Errors\\.${name}\\b`).test(sources)),
    [],
  );
  const ours = [...reverts.keys()].filter((name) => name.includes("_"));
  assert.deepEqual(
    ours.filter((name) => !names.includes(name)),
    [],
  );
});

test("the error index has each code once, under an anchor that is the code, with its cure and whether to try again", () => {
  const page = errorIndex(uses);
  const anchors = [...page.matchAll(/^### .* \{#(.+)\}$/gm)].map(([, anchor]) => anchor);
  assert.deepEqual(anchors.sort(), [...codes].sort());
  for (const { name } of customErrors()) assert.ok(page.includes(`<span id="${name}">`), name);
  const section = (code: string) => page.slice(page.indexOf(`{#${code}}`)).split("\n### ")[0]!;
  assert.match(section("chain/rpc"), /\*\*Retryable\.\*\* Check that the chain's node answers/);
  assert.match(section("chain/slippage"), /\*\*Final\.\*\*[\s\S]*Market_CostAboveLimit/);
  assert.match(section("cli/folder-exists"), /‹folder› is there already, and not empty\./);
});
