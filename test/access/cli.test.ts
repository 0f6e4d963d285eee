// Gates, grants and secrets by the command, as publisher and buyers have them: each step a process of its own.
import assert from "node:assert/strict";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { formatServiceMetadata } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import { compilePrintenv } from "../support/functions.ts";
import { LocalMarket, type SpawnedProvider, type TestAccount, USD } from "../support/localMarket.ts";
import { runCli } from "../support/runCli.ts";

const LIMITS = { bitOps: 10_000_000n, floatOps: 0n, memoryPages: 64, outputBytes: 4096 };

let market: LocalMarket;
let service: string;
let provider: SpawnedProvider;
/** Its data folder, where its gates are set. */
let dataDir: string;
let buyer: TestAccount;
let friend: TestAccount;
let grantor: TestAccount;
/** Everything that any command printed. */
const said: string[] = [];

before(async () => {
  const [started, wasm] = await Promise.all([LocalMarket.start(), compilePrintenv()]);
  market = started;
  service = await market.publish(wasm, {
    metadata: formatServiceMetadata({ name: "printenv", shape: "command", limits: LIMITS }),
  });
  dataDir = market.newFolder();
  provider = await market.spawnProvider({ services: [service], dataDir }, { onLog: (line) => void said.push(line) });
  [buyer, friend] = [await market.account({ usd: 10n * USD }), await market.account({ usd: 10n * USD })];
  grantor = await market.account();
});
after(() => market.stop());

const folders = new Map<TestAccount, Record<string, string>>();
/** Runs a command as somebody whose home and data are their own. */
async function cli(who: TestAccount, args: readonly string[], input = "") {
  const env = folders.get(who) ?? { ...market.environment(who), DEMEC_HOME: market.newFolder() };
  folders.set(who, env);
  const ran = await runCli([...args, "--json"], env, input);
  said.push(ran.stdout.toString(), ran.stderr);
  return { ...ran, text: ran.stdout.toString() };
}
const json = async (who: TestAccount, args: readonly string[], input?: string) => {
  const { code, text, stderr } = await cli(who, args, input);
  assert.equal(code, 0, stderr);
  return JSON.parse(text);
};
const refusal = async (who: TestAccount, args: readonly string[], input?: string) => {
  const { code, stderr } = await cli(who, args, input);
  assert.equal(code, 1);
  return JSON.parse(stderr.trim().split("\n").at(-1)!);
};
/** As whoever runs the provider. */
const gate = async (...args: string[]) => {
  const ran = await runCli(["gate", ...args, "--json"], market.environment(grantor, dataDir));
  return { ...ran, text: ran.stdout.toString() };
};
const invoke = (more: readonly string[] = []) => ["invoke", service, "--budget", "1", ...more];

test("a gate is set while the provider serves: who has no grant is refused, and told what cures it", async () => {
  assert.equal((await cli(buyer, invoke())).code, 0);
  const condition = { type: "erc20", token: market.deployment.demecToken, atLeast: "1" };
  const set = await gate("set", service, "--condition", JSON.stringify(condition), "--grantor", grantor.address);
  assert.equal(set.code, 0, set.stderr);
  const policy = { condition, grantors: [grantor.address] };
  assert.deepEqual(JSON.parse((await gate("show")).text), [{ service, policy }]);
  const refused = await until("the gate is there", async () => {
    const ran = await cli(buyer, invoke());
    return ran.code === 0 ? undefined : ran;
  });
  const { code, details, next } = JSON.parse(refused.stderr.trim().split("\n").at(-1)!);
  assert.deepEqual([refused.code, code, details.code], [1, "sdk/refused", "access/refused"]);
  assert.match(next, /ask a grantor for a grant/);
});

test("a policy that is none is refused, and the gate stays as it was", async () => {
  const before = (await gate("show")).text;
  for (const wrong of [
    ["--condition", '{"type":"erc20"}'],
    ["--condition", "{"],
    ["--token-seconds", "1"],
  ])
    assert.equal((await gate("set", service, ...wrong)).code, 1);
  assert.equal((await gate("show")).text, before);
});

test("who is given a grant calls with it, and gives a narrower one on", async () => {
  const terms = ["--service", service, "--expires", "1h", "--delegations", "1"];
  const issued = await json(grantor, ["grant", "issue", buyer.address, ...terms]);
  const file = join(market.folder, "grant.json");
  await writeFile(file, JSON.stringify(issued));
  assert.equal((await cli(buyer, invoke(["--grants", file]))).code, 0);
  assert.equal((await refusal(friend, invoke(["--grants", file]))).details.code, "access/refused");
  assert.equal(
    (await refusal(buyer, ["grant", "delegate", file, friend.address, "--expires", "2h"])).code,
    "access/wider-grant",
  );
  const chain = await json(buyer, ["grant", "delegate", file, friend.address, "--calls", "2"]);
  const narrower = join(market.folder, "narrower.json");
  await writeFile(narrower, JSON.stringify(chain));
  assert.equal((await cli(friend, invoke(["--grants", narrower]))).code, 0);
  const [listed, ...others] = await json(grantor, ["grant", "list"]);
  assert.deepEqual([listed.grants[0].grant.subject, others], [buyer.address, []]);

  const [told] = await json(grantor, ["grant", "revoke", listed.id]);
  assert.deepEqual(told, { service, providers: [provider.owner.address] });
  for (const [who, grants] of [
    [buyer, file],
    [friend, narrower],
  ] as const)
    assert.equal((await refusal(who, invoke(["--grants", grants]))).details.code, "access/revoked");
});

test("a gate is removed while the provider serves", async () => {
  assert.equal((await gate("remove", service)).code, 0);
  assert.deepEqual(JSON.parse((await gate("show")).text), []);
  await until("the service is open", async () => (await cli(buyer, invoke())).code === 0 || undefined);
});

test("a sealed secret is in the environment of its buyer's calls, and nowhere else", async () => {
  const sealed = await json(grantor, ["secret", "seal", service, "TOKEN", "--for", buyer.address], "hunter2\n");
  assert.deepEqual([sealed.subject, sealed.providers], [buyer.address, [provider.owner.address]]);
  const file = join(market.folder, "sealed.json");
  await writeFile(file, JSON.stringify(sealed));
  const { stdout } = await runCli(invoke(["--sealed", file, "--env", "A=1"]), folders.get(buyer)!);
  assert.equal(stdout.toString(), "A=1\0TOKEN=hunter2\0");
  assert.equal((await refusal(friend, invoke(["--sealed", file]))).details.code, "access/foreign-box");

  await json(friend, ["secret", "put", service, "KEY"], "correct horse\n");
  await json(friend, ["secret", "put", service, "OTHER"], "two\nlines\n");
  const ran = await runCli(invoke(), folders.get(friend)!);
  assert.equal(ran.stdout.toString(), "KEY=correct horse\0OTHER=two\nlines\0");
  const listed = await json(friend, ["secret", "list", service]);
  assert.deepEqual(
    listed.map(({ name }: { name: string }) => name),
    ["KEY", "OTHER"],
  );
  await json(friend, ["secret", "rm", service, "OTHER"]);
  assert.equal((await refusal(friend, ["secret", "rm", service, "OTHER"])).code, "cli/bad-option");
  assert.equal((await runCli(invoke(), folders.get(friend)!)).stdout.toString(), "KEY=correct horse\0");
  assert.equal((await runCli(invoke(), folders.get(buyer)!)).stdout.toString(), "");
  assert.equal((await refusal(friend, ["secret", "put", service, "A=B"], "x")).code, "cli/bad-option");
});

test("no secret stands in a log, in what a command says, or in a file of anybody's", async () => {
  const files = await readdir(market.folder, { recursive: true, withFileTypes: true });
  const texts = await Promise.all(
    files.filter((file) => file.isFile()).map((file) => readFile(join(file.parentPath, file.name), "latin1")),
  );
  assert.ok(texts.some((text) => text.includes("demec:secrets")));
  for (const secret of ["hunter2", "correct horse"])
    for (const text of [...texts, ...said]) assert.ok(!text.includes(secret));
});
