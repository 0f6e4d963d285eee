// `demec dev` and the commands beside it, as a developer has them: nothing is set but where this user's files are.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { thumbnail } from "../examples/functions/thumbnail/reference.ts";
import { buildFunctions } from "../scripts/build-functions.ts";
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

test("the schemas of the template are the service's", async () => {
  const { stdout } = await runCli(["types", "shouter", "--json"], env);
  const { schema } = JSON.parse(stdout.toString());
  assert.deepEqual(schema, JSON.parse(await readFile(join(project, "schema.json"), "utf8")));
});

test("an argument is refused by a function that takes none, and a name that nobody gave is told", async () => {
  const argued = await runCli(["invoke", "shouter", "--loud", "--json"], env, "x");
  assert.deepEqual([argued.code, JSON.parse(argued.stderr).code], [1, "cli/bad-option"]);
  const unknown = await runCli(["invoke", "whisperer", "--json"], env, "x");
  assert.deepEqual([unknown.code, JSON.parse(unknown.stderr).code], [1, "sdk/unknown-name"]);
});

test("the market, its prices and this user's sessions are shown", async () => {
  const json = async (...args: string[]) => JSON.parse((await runCli([...args, "--json"], env)).stdout.toString());
  const [service, ...others] = await json("services", "SHOUTS");
  assert.deepEqual([service.name, service.providers.length, others], ["shouter", 2, []]);
  assert.deepEqual(await json("services", "whispers"), []);
  const quote = await json("quote", "shouter", "100");
  assert.ok(BigInt(quote.priceAfter) > BigInt(quote.price) && BigInt(quote.cost) > 0n);
  const plot = (await runCli(["quote", "1", "--plot"], env)).stdout.toString();
  assert.match(plot, /mUSD a credit[\s\S]+▲ 0 outstanding/);

  assert.equal((await runCli(["invoke", "shouter", "--keep"], env, "x")).stdout.toString(), "X");
  const [open, ...more] = await json("session", "list");
  assert.partialDeepStrictEqual(open, { service: first.service, status: "open" });
  assert.equal(more.length, 0);
  assert.equal((await json("session", "close"))[0].type, "settled");
  assert.deepEqual(await json("session", "list"), []);
});

test("a key that is made here is kept encrypted, and --account pays with it", async () => {
  const locked = { ...env, DEMEC_PASSWORD: "secret" };
  const { address } = JSON.parse((await runCli(["keys", "new", "poor", "--json"], locked)).stdout.toString());
  const status = JSON.parse((await runCli(["status", "--account", "poor", "--json"], locked)).stdout.toString());
  assert.equal(status.account, address);
  const wrong = await runCli(["status", "--account", "poor", "--json"], { ...env, DEMEC_PASSWORD: "Secret" });
  assert.equal(JSON.parse(wrong.stderr).code, "cli/wrong-password");
});

test("a picture goes through a shell's pipe: demec invoke resize --width 320", async () => {
  await buildFunctions();
  const module = join(ROOT, "examples/functions/resize/build/resize.wasm");
  // A picture takes more than an ordinary call may, at a price at which one session pays for some.
  const terms = ["--limits", "2000000000,400000000,1024,4194304", "--tariff", "0.00001,0.00002,0.001,0,0,0"];
  assert.equal((await runCli(["deploy", module, ...terms], env)).code, 0);
  const photo = join(ROOT, "examples/assets/photo.ppm");
  const small = join(home, "small.ppm");
  // A terminal's line: the shell does the rest.
  const line = `cat "${photo}" | "${process.execPath}" "${join(ROOT, "packages/cli/src/main.ts")}" invoke resize --width 320 > "${small}"`;
  const { status, stderr } = spawnSync(line, { shell: true, env: { ...process.env, ...env }, encoding: "utf8" });
  assert.equal(status, 0, stderr);
  assert.equal(Buffer.compare(await readFile(small), thumbnail({ width: 320 }, await readFile(photo))), 0);
});

test("stake goes in, and out again after its delay", async () => {
  const { privateKey } = JSON.parse(await readFile(join(home, "demec/dev.json"), "utf8"));
  const owner = { ...env, DEMEC_OWNER_KEY: privateKey };
  const json = async (...args: string[]) => JSON.parse((await runCli([...args, "--json"], owner)).stdout.toString());
  assert.equal(BigInt((await json("provider", "stake", "100")).staked), 100n * 10n ** 18n);
  assert.ok(Number((await json("provider", "unstake", "40")).releasableAt) > Date.now() / 1000);
  const { code, stderr } = await runCli(["provider", "unstake", "--json"], owner);
  assert.deepEqual([code, JSON.parse(stderr).code], [1, "chain/too-early"]);
});

test("doctor finds all well, and says what cures a chain that does not answer", async () => {
  const well = await runCli(["doctor", "--json"], env);
  const findings = JSON.parse(well.stdout.toString()) as { name: string; ok: boolean }[];
  assert.deepEqual(
    findings.filter(({ ok }) => !ok),
    [],
  );
  assert.deepEqual(
    findings.map(({ name }) => name),
    ["Node", "sandbox", "folder", "chain", "contracts", "account", "port", "DHT"],
  );
  assert.equal(well.code, 0);
  const { deployment, dht } = JSON.parse(await readFile(join(home, "demec/dev.json"), "utf8"));
  const named = ["--rpc", "http://127.0.0.1:9", "--deployment", deployment, "--dht", dht, "--host", "127.0.0.1"];
  const ill = await runCli(["doctor", ...named, "--json"], env);
  const chain = JSON.parse(ill.stdout.toString()).find(({ name }: { name: string }) => name === "chain");
  assert.deepEqual([ill.code, chain.ok, typeof chain.cure], [1, false, "string"]);
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
