// Commands that need no network: keys, a provider's keys, completion, and the launcher of a clone.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Wallet } from "ethers";
import { generatePrivateKey, privateKeyToAddress } from "viem/accounts";
import { run, runCli } from "./support/runCli.ts";

const ROOT = join(import.meta.dirname, "..");
const home = mkdtempSync(join(tmpdir(), "demec-commands-"));
const env = { DEMEC_HOME: home, DEMEC_PASSWORD: "correct horse" };
after(() => rmSync(home, { recursive: true, force: true }));

async function json(args: readonly string[], input?: string, more: Record<string, string> = {}) {
  const { code, stdout, stderr } = await runCli([...args, "--json"], { ...env, ...more }, input);
  return { code, ...JSON.parse(code === 0 ? stdout.toString() : stderr) };
}

test("a key that is imported comes out again as it was, by its password alone, and is never overwritten", async () => {
  const privateKey = generatePrivateKey();
  const address = privateKeyToAddress(privateKey);
  assert.deepEqual(await json(["keys", "import", "mine"], `${privateKey}\n`), { code: 0, name: "mine", address });
  assert.deepEqual(await json(["keys", "export", "mine"]), { code: 0, name: "mine", privateKey });
  assert.equal((await json(["keys", "export", "mine"], "", { DEMEC_PASSWORD: "wrong" })).code, "cli/wrong-password");
  assert.equal((await json(["keys", "import", "mine"], generatePrivateKey())).code, "cli/key-exists");
  const file = join(home, "keys/mine.json");
  assert.equal(statSync(file).mode & 0o077, 0, "nobody else reads it");
  assert.ok(!readFileSync(file, "utf8").includes(privateKey.slice(2)));
});

test("a keystore of another wallet is imported by the password it was made with", async () => {
  const { address, privateKey } = Wallet.createRandom();
  const path = join(home, "foreign.json");
  writeFileSync(path, new Wallet(privateKey).encryptSync(env.DEMEC_PASSWORD));
  assert.equal((await json(["keys", "import", "theirs", path])).address, address);
  assert.equal((await json(["keys", "export", "theirs"])).privateKey, privateKey);
});

test("what is no key is refused and never repeated", async () => {
  const nearly = generatePrivateKey().slice(0, 60);
  const { code, stderr } = await runCli(["keys", "import", "typo", "--json"], env, nearly);
  assert.equal(JSON.parse(stderr).code, "cli/bad-option");
  assert.ok(code === 1 && !stderr.includes(nearly.slice(2)));
});

test("provider init makes an owner and an operator once, and leaves them as they are", async () => {
  const first = await json(["provider", "init"]);
  assert.equal(first.code, 0);
  assert.notEqual(first.owner, first.operator);
  assert.deepEqual(await json(["provider", "init"]), first);
  const { stdout } = await runCli(["keys", "list", "--json"], env);
  const kept = new Map(
    JSON.parse(stdout.toString()).map(({ name, address }: Record<string, string>) => [name, address]),
  );
  assert.deepEqual([kept.get("owner"), kept.get("operator")], [first.owner, first.operator]);
});

test("without a terminal, a password that nobody gave is asked for in words", async () => {
  const { code, stderr } = await runCli(["provider", "init", "--json"], { DEMEC_HOME: join(home, "empty") });
  assert.deepEqual([code, JSON.parse(stderr).code], [1, "cli/no-password"]);
});

test("completion is a script that bash reads, and offers commands, their subcommands and options", async () => {
  const script = (await runCli(["completion", "bash"], env)).stdout.toString();
  assert.equal(spawnSync("bash", ["-n"], { input: script }).status, 0);
  const offered = async (...words: string[]) => (await runCli(["complete", "--", ...words], env)).stdout.toString();
  assert.match(await offered("inv"), /^invoke\b/m);
  assert.match(await offered("provider", ""), /^calibrate\b/m);
  assert.match(await offered("deploy", "--cur"), /^--curve\b/m);
});

test("the launcher of a clone is its command, with its exit code", async () => {
  const { version } = JSON.parse(readFileSync(join(ROOT, "packages/cli/package.json"), "utf8"));
  const told = await run("launcher/demec.mjs", ["--version"], env);
  assert.deepEqual([told.stdout.toString(), told.code], [`${version}\n`, 0], told.stderr);
  const refused = await run("launcher/demec.mjs", ["keys", "address", "nobody", "--json"], env);
  assert.deepEqual([JSON.parse(refused.stderr).code, refused.code], ["cli/unknown-key", 1]);
});
