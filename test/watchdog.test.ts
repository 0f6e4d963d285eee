import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { until } from "@demec/protocol/testing";
import { Watchdog } from "../scripts/watchdog.ts";
import { noPs } from "./support/ps.ts";

const HANGS = `
import { spawn } from "node:child_process";
import { test } from "node:test";
test("passes", () => {});
console.log("child", spawn("sleep", ["600"], { detached: true, stdio: "ignore" }).pid);
setInterval(() => {}, 1000);`;
const PASSES = `import { test } from "node:test"; test("is run all the same", () => {});`;

test("a file of tests that never ends is ended with its children and counted as failed, and the files after it are run", {
  skip: noPs,
}, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), "demec-test-"));
  t.after(() => rm(folder, { recursive: true }));
  const [hangs, passes] = ["hangs.test.mjs", "passes.test.mjs"].map((name) => join(folder, name)) as [string, string];
  await Promise.all([writeFile(hangs, HANGS), writeFile(passes, PASSES)]);
  const lines: string[] = [];
  const env = { ...process.env, NODE_TEST_CONTEXT: undefined };
  // Through a shell and another process, as the steps of `npm test` are.
  const runner = spawn(`"${process.execPath}" --test --test-concurrency=1 "${hangs}" "${passes}"; exit $?`, {
    ...{ shell: true, env, stdio: ["ignore", "pipe", "inherit"] },
  });
  const watchdog = new Watchdog(runner.pid!, (line) => lines.push(line), 2_000);
  t.after(() => watchdog.stop());
  const [output] = await Promise.all([text(runner.stdout!), once(runner, "close")]);
  assert.equal(runner.exitCode, 1);
  assert.match(output, /is run all the same/);
  assert.match(output, /^\S+ fail 1$/m);
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /hangs\.test\.mjs$/);
  const child = Number(/child (\d+)/.exec(output)![1]);
  await until("the child has ended", () => /^(Z|$)/.test(stateOf(child)));
});

/** As ps says it: Z has ended, and waits for somebody to take note of it; nothing is gone. */
function stateOf(pid: number): string {
  return spawnSync("ps", ["-o", "stat=", "-p", `${pid}`], { encoding: "utf8" }).stdout.trim();
}
