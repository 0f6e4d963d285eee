import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";

const program = (json: boolean) => `
  import { expectJson } from "${import.meta.resolve("./output.ts")}";
  import { timedStep } from "${import.meta.resolve("./progress.ts")}";
  // As on a terminal.
  process.stderr.isTTY = true;
  process.stderr.cursorTo ??= () => true;
  process.stderr.clearLine ??= () => true;
  process.stderr.moveCursor ??= () => true;
  expectJson(${json});
  console.log(await timedStep("working", 0.4, () => new Promise((resolve) => setTimeout(resolve, 500, "done"))));
`;
const run = (json: boolean) =>
  spawnSync(process.execPath, ["--input-type=module-typescript", "-e", program(json)], { encoding: "utf8" });

test("a bar moves where somebody watches, and programs read nothing of it", () => {
  const watched = run(false);
  assert.equal(watched.stdout, "done\n", watched.stderr);
  assert.match(watched.stderr, /100% working/);
  const read = run(true);
  assert.deepEqual([read.stdout, read.stderr], ["done\n", ""]);
});
