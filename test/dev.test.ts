// `demec dev` and the commands beside it, as a developer has them: nothing is set but where this user's files are.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { JsonProcess } from "../scripts/local/jsonProcess.ts";
import { run, runCli } from "./support/runCli.ts";

const ROOT = join(import.meta.dirname, "..");
let home: string;
let project: string;
let env: Record<string, string>;
let dev: JsonProcess;
let network: { rpc: string; providers: string[] };
let first: { service: string; name: string };

before(async () => {
  home = await mkdtemp(join(tmpdir(), "demec-dev-"));
  project = join(home, "shouter");
  env = { DEMEC_HOME: join(home, "demec") };
});
after(async () => {
  await dev?.kill("SIGKILL");
  await rm(home, { recursive: true, force: true });
});

test("init makes a function, and none where something is already", async () => {
  const made = await runCli(["init", project, "--no-install", "--json"], env);
  assert.deepEqual(
    [made.code, JSON.parse(made.stdout.toString())],
    [0, { folder: project, template: "assemblyscript" }],
  );
  const again = await runCli(["init", project, "--json"], env);
  assert.deepEqual([again.code, JSON.parse(again.stderr).code], [1, "cli/folder-exists"]);
  // What npm would install.
  await symlink(join(ROOT, "node_modules"), join(project, "node_modules"));
});

test("dev starts a network and serves the project on it", async () => {
  dev = new JsonProcess("packages/cli/src/main.ts", ["dev", project, "--json"], { env });
  network = (await dev.nextObject()) as typeof network;
  assert.equal(network.providers.length, 2);
  assert.ok(!("privateKey" in network));
  first = (await dev.nextObject()) as typeof first;
  assert.equal(first.name, "shouter");
  const ran = spawnSync(process.execPath, ["--test"], { cwd: project, env: { ...process.env, NODE_TEST_CONTEXT: "" } });
  assert.equal(ran.status, 0, ran.stdout.toString());
});

test("a second network beside it is refused", async () => {
  const { code, stderr } = await runCli(["dev", "--json"], env);
  assert.deepEqual([code, JSON.parse(stderr).code], [1, "cli/dev-running"]);
});

test("invoke and the SDK find network, account and function by themselves", async () => {
  const invoked = await runCli(["invoke", "shouter"], env, "hello, edge");
  assert.deepEqual([invoked.stdout.toString(), invoked.code], ["HELLO, EDGE", 0], invoked.stderr);
  const hello = await run("examples/hello/hello.ts", ["shouter"], env);
  assert.deepEqual([hello.stdout.toString(), hello.code], ["HELLO, EDGE\n", 0], hello.stderr);
});

test("an argument is refused by a function that takes none, and a name that nobody gave is told", async () => {
  const argued = await runCli(["invoke", "shouter", "--loud", "--json"], env, "x");
  assert.deepEqual([argued.code, JSON.parse(argued.stderr).code], [1, "cli/bad-option"]);
  const unknown = await runCli(["invoke", "whisperer", "--json"], env, "x");
  assert.deepEqual([unknown.code, JSON.parse(unknown.stderr).code], [1, "sdk/unknown-name"]);
});

test("a saved change is served as a new service under the same name", async () => {
  const path = join(project, "assembly/index.ts");
  const source = await readFile(path, "utf8");
  await writeFile(path, source.replace("byte - 0x20 : byte", "byte - 0x20 : 0x21"));
  const second = (await dev.nextObject()) as typeof first;
  assert.notEqual(second.service, first.service);
  const { stdout, stderr } = await runCli(["invoke", "shouter"], env, "hello, edge");
  assert.equal(stdout.toString(), "HELLO!!EDGE", stderr);
});

test("a build that fails is told, and the network goes on", async () => {
  const path = join(project, "assembly/index.ts");
  await writeFile(path, `${await readFile(path, "utf8")}\nfn`);
  const failed = await runCli(["build", "--json"], env, "", project);
  assert.deepEqual([failed.code, JSON.parse(failed.stderr).code], [1, "cli/build-failed"]);
  assert.equal((await runCli(["invoke", "shouter"], env, "a")).stdout.toString(), "A");
});

test("Ctrl-C ends it all and leaves nothing", async () => {
  assert.equal(await dev.kill("SIGINT"), 0, dev.log.join("\n"));
  assert.ok(!existsSync(join(home, "demec/dev")) && !existsSync(join(home, "demec/dev.json")));
  await assert.rejects(fetch(network.rpc));
  const { code, stderr } = await runCli(["invoke", "shouter", "--json"], env, "x");
  assert.deepEqual([code, JSON.parse(stderr).code], [1, "cli/bad-option"]);
});
