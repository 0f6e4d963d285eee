import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CONTRACT_FIELDS } from "@demec/chain";
import { isDemecError } from "@demec/protocol";
import { Command } from "commander";
import { readKey } from "./account.ts";
import { addGlobalOptions, readConfig } from "./config.ts";

const ADDRESS = `0x${"12".repeat(20)}`;
const KEY = `0x${"0b".repeat(32)}`;

let deployment: string;
before(async () => {
  deployment = join(await mkdtemp(join(tmpdir(), "demec-config-")), "deployment.json");
  await writeFile(
    deployment,
    JSON.stringify({
      chainId: 5,
      deploymentBlock: "7",
      ...Object.fromEntries(CONTRACT_FIELDS.map((name) => [name, ADDRESS])),
    }),
  );
});
after(() => rm(join(deployment, ".."), { recursive: true, force: true }));

/** The configuration of `demec go` with these options and this environment. */
function configOf(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
  const saved = { ...process.env };
  for (const name of Object.keys(process.env)) if (name.startsWith("DEMEC_")) delete process.env[name];
  Object.assign(process.env, env);
  try {
    const program = new Command("demec");
    addGlobalOptions(program);
    program.command("go").action(() => {});
    program.parse(["go", ...args], { from: "user" });
    return readConfig(program.commands[0]!);
  } finally {
    process.env = saved;
  }
}

test("a setting comes by option, by environment, by default, in this order", () => {
  const byDefault = configOf(["--deployment", deployment]);
  assert.deepEqual([byDefault.rpcUrl, byDefault.json, byDefault.network], ["http://127.0.0.1:8545", false, {}]);
  assert.equal(byDefault.deployment.chainId, 5);
  const env = { DEMEC_DEPLOYMENT: deployment, DEMEC_RPC: "http://a", DEMEC_DHT: "h:1", DEMEC_DATA_DIR: "/data" };
  const byEnvironment = configOf([], env);
  assert.deepEqual([byEnvironment.rpcUrl, byEnvironment.dataDir], ["http://a", "/data"]);
  assert.deepEqual(byEnvironment.network, { bootstrap: [{ host: "h", port: 1 }] });
  const byOption = configOf(["--rpc", "http://b", "--dht", "i:2,j:3", "--host", "127.0.0.1", "--json"], env);
  assert.deepEqual([byOption.rpcUrl, byOption.json, byOption.network.host], ["http://b", true, "127.0.0.1"]);
  assert.equal(byOption.network.bootstrap?.length, 2);
});

test("a deployment that can't be read, and an entry point that is none, are named", () => {
  assert.throws(() => configOf(["--deployment", "/nowhere"]), { code: "cli/bad-option", message: /\/nowhere/ });
  assert.throws(() => configOf(["--deployment", import.meta.filename]), { code: "chain/bad-deployment" });
  assert.throws(() => configOf(["--deployment", deployment, "--dht", "here"]), {
    code: "sdk/bad-setting",
    message: /"here"/,
  });
});

test("a key comes by environment alone, and what is no key is not repeated", () => {
  process.env.DEMEC_TEST_KEY = KEY;
  assert.equal(readKey("DEMEC_TEST_KEY"), KEY);
  for (const bad of [KEY.slice(2), `${KEY}00`, `${KEY.slice(0, 65)}g`]) {
    process.env.DEMEC_TEST_KEY = bad;
    assert.throws(
      () => readKey("DEMEC_TEST_KEY"),
      (error) =>
        isDemecError(error, "cli/no-key") && /DEMEC_TEST_KEY/.test(error.message) && !error.message.includes("0b0b"),
    );
  }
  delete process.env.DEMEC_TEST_KEY;
  assert.throws(() => readKey("DEMEC_TEST_KEY"), { code: "cli/no-key", message: /DEMEC_TEST_KEY is not set/ });
});
