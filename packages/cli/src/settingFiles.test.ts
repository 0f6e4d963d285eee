import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { Command, Option } from "commander";
import { applySettings, readSettingFiles, type SettingLayer } from "./settingFiles.ts";

let home: string;
before(async () => {
  home = await mkdtemp(join(tmpdir(), "demec-settings-"));
});
after(() => rm(home, { recursive: true, force: true }));

/** Options of `demec sell start` with these arguments and layers. */
function optionsOf(args: readonly string[], layers: readonly SettingLayer[]) {
  const program = new Command("demec").option("--rpc <url>", "", "default");
  const start = program
    .command("sell")
    .command("start")
    .option("--max-count <n>", "", "1")
    .option("--fast", "", false)
    .addOption(new Option("--service <name>").argParser((name: string, all: string[]) => [...all, name]).default([]))
    .action(() => {});
  program.hook("preAction", (_program, command) => applySettings(command, layers));
  program.parse(["sell", "start", ...args], { from: "user" });
  return start.optsWithGlobals();
}

test("a flag comes before files, a file before the next and before the default; a command's options stand under its name", () => {
  const near = { rpc: "near", sell: { start: { maxCount: 5, service: ["a", "b"] } } };
  const far = { rpc: "far", maxCount: 9, sell: { maxCount: 9, start: { maxCount: 7, fast: true } } };
  assert.deepEqual(optionsOf([], []), { rpc: "default", maxCount: "1", fast: false, service: [] });
  assert.deepEqual(optionsOf([], [near, far]), { rpc: "near", maxCount: "5", fast: true, service: ["a", "b"] });
  const flagged = optionsOf(["--rpc", "flag", "--service", "c", "--max-count", "1"], [near, far]);
  assert.deepEqual(flagged, { rpc: "flag", maxCount: "1", fast: true, service: ["c"] });
});

test("a value that no flag could have is named", () => {
  for (const rpc of [{}, null, ["a"], [{}]]) {
    assert.throws(() => optionsOf([], [{ rpc }]), { code: "cli/bad-option", message: /rpc/ });
  }
});

test("the user's file is read where there is one, and told when it is no JSON", async () => {
  assert.deepEqual(readSettingFiles(home), [{}]);
  await writeFile(join(home, "config.json"), '{"rpc":"x"}');
  assert.deepEqual(readSettingFiles(home), [{ rpc: "x" }]);
  await writeFile(join(home, "config.json"), "rpc: x");
  assert.throws(() => readSettingFiles(home), { code: "cli/bad-option", message: /config\.json is not JSON/ });
});
