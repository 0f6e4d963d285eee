import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { CONTRACT_FIELDS } from "@demec/chain";
import { isDemecError } from "@demec/protocol";
import { settingsFrom } from "./environment.ts";

const KEY = `0x${"0b".repeat(32)}`;
const ADDRESS = `0x${"12".repeat(20)}`;
const DEPLOYMENT = {
  chainId: 5,
  deploymentBlock: "7",
  ...Object.fromEntries(CONTRACT_FIELDS.map((name) => [name, ADDRESS])),
};

let folder: string;
let complete: Record<string, string>;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), "demec-environment-"));
  const file = join(folder, "deployment.json");
  await writeFile(file, JSON.stringify(DEPLOYMENT));
  complete = { DEMEC_PRIVATE_KEY: KEY, DEMEC_RPC: "http://127.0.0.1:1", DEMEC_DEPLOYMENT: file };
});
after(() => rm(folder, { recursive: true, force: true }));

test("the environment is enough, and what is given comes first", () => {
  const settings = settingsFrom({ ...complete, DEMEC_DHT: "a:1, b.example:65535", DEMEC_HOST: "127.0.0.1" });
  assert.equal(settings.rpcUrl, "http://127.0.0.1:1");
  assert.equal(settings.deployment.chainId, 5);
  assert.equal(settings.dataDir, undefined);
  const bootstrap = [
    { host: "a", port: 1 },
    { host: "b.example", port: 65535 },
  ];
  assert.deepEqual(settings.network, { bootstrap, host: "127.0.0.1" });
  const given = settingsFrom({ ...complete, DEMEC_DATA_DIR: "/x" }, { rpcUrl: "http://127.0.0.1:2", dataDir: "/y" });
  assert.deepEqual([given.rpcUrl, given.dataDir], ["http://127.0.0.1:2", "/y"]);
});

test("what is missing or can't be used is named, and a key is never told", () => {
  const bad: [RegExp, Record<string, string | undefined>][] = [
    [/DEMEC_PRIVATE_KEY is not set/, { DEMEC_PRIVATE_KEY: undefined }],
    [/DEMEC_PRIVATE_KEY is not a private key/, { DEMEC_PRIVATE_KEY: KEY.slice(2) }],
    [/DEMEC_RPC is not set/, { DEMEC_RPC: "" }],
    [/DEMEC_DEPLOYMENT is \/nowhere/, { DEMEC_DEPLOYMENT: "/nowhere" }],
    [/"b:0" is not host:port/, { DEMEC_DHT: "a:1,b:0" }],
    [/"b" is not host:port/, { DEMEC_DHT: "b" }],
  ];
  for (const [message, changes] of bad) {
    assert.throws(
      () => settingsFrom({ ...complete, ...changes }),
      (error) =>
        isDemecError(error, "sdk/bad-setting") &&
        message.test(error.message) &&
        !JSON.stringify(error).includes("0b0b") &&
        !error.message.includes("0b0b"),
    );
  }
});
