// The command, from publishing to selling back, and the README's hello world: each step a process of its own.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { JsonProcess } from "../scripts/local/jsonProcess.ts";
import { compileShout } from "./support/functions.ts";
import { CREDIT, LocalMarket, type TestAccount, USD } from "./support/localMarket.ts";
import { type Ran, run, runCli } from "./support/runCli.ts";

const ROOT = join(import.meta.dirname, "..");

let market: LocalMarket;
let service: string;
let publisher: JsonProcess;
let provider: Awaited<ReturnType<LocalMarket["spawnProvider"]>>;
let buyer: TestAccount;
let env: Record<string, string>;
/** Everything that any command said. */
const said: string[] = [];
const accounts: TestAccount[] = [];

before(async () => {
  let shout: Uint8Array;
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  const path = join(market.folder, "shout.wasm");
  await writeFile(path, shout);
  const author = await market.account();
  const deploy = [
    "deploy",
    path,
    "--payment-token",
    market.network.mockUsd,
    "--curve",
    "0.01,100:0.02,200:0.03,300:0.1",
  ];
  publisher = market.cli([...deploy, "--limits", "10000000,0,256,1000000"], market.environment(author), { onLog: say });
  const deployed = await publisher.nextObject();
  assert.deepEqual(Object.keys(deployed).sort(), [
    "codeCore",
    "codeHash",
    "name",
    "service",
    "serviceId",
    "shape",
    "transactionHash",
  ]);
  assert.partialDeepStrictEqual(deployed, { name: "shout", shape: "reactor" });
  service = String(deployed.service);
  market.know(service);
  said.push(JSON.stringify(deployed));
  provider = await market.spawnProvider({ services: [service] }, { onLog: say });
  buyer = await market.account({ usd: 100n * USD });
  env = market.environment(buyer);
  accounts.push(author, buyer, provider.owner, provider.operator);
});
after(() => market.stop());

function say(line: string): void {
  said.push(line);
}

async function demec(args: readonly string[], input?: string, more: Record<string, string> = {}): Promise<Ran> {
  const ran = await runCli([...args, "--json"], { ...env, ...more }, input);
  said.push(ran.stdout.toString(), ran.stderr);
  return ran;
}

const lastLine = (text: string) => JSON.parse(text.trim().split("\n").at(-1)!);

test("the README's hello world is the file that runs here, has ten statements at most, and works", async () => {
  const source = await readFile(join(ROOT, "examples/hello/hello.ts"), "utf8");
  const readme = await readFile(join(ROOT, "README.md"), "utf8");
  const [, snippet] = /<!-- hello -->\n```ts\n(.*?)```\n<!-- \/hello -->/s.exec(readme) ?? [];
  assert.equal(snippet, source);
  assert.ok(source.match(/;( \/\/.*)?$/gm)!.length <= 10);

  const dreamer = await market.account({ usd: 1n * USD });
  const before = await market.books();
  const ran = await run("examples/hello/hello.ts", [service], market.environment(dreamer));
  assert.deepEqual([ran.stderr, ran.stdout.toString(), ran.code], ["", "HELLO, EDGE\n", 0]);
  const books = await market.books();
  assert.equal(sum(books), sum(before), "nothing appeared or vanished");
  assert.equal(
    books["reserve of 1"],
    before["reserve of 1"],
    "all that was bought went into the session, and came back",
  );
});

/** All the money there is: claims are the market's money and are not counted twice. */
function sum(books: Readonly<Record<string, bigint>>): bigint {
  return Object.entries(books).reduce(
    (total, [name, amount]) => (name.endsWith(": money") ? total + amount : total),
    0n,
  );
}

test("buy moves along the curve and says what it cost", async () => {
  const { code, stdout } = await demec(["buy", service, "2.5"]);
  const bought = JSON.parse(stdout.toString());
  assert.equal(code, 0);
  assert.partialDeepStrictEqual(bought, { service, credits: `${(5n * CREDIT) / 2n}` });
  assert.ok(BigInt(bought.cost) > 25_000n && BigInt(bought.cost) < 30_000n, bought.cost);
  assert.ok(BigInt(bought.priceAfter) > BigInt(bought.priceBefore));
});

test("invoke is a program: stdin to stdout, the report on stderr; a session that is kept is taken up by the next", async () => {
  const kept = await demec(["invoke", service, "--keep"], "hello");
  assert.deepEqual([kept.stdout.toString(), kept.code], ["HELLO", 0], kept.stderr);
  const report = lastLine(kept.stderr);
  assert.partialDeepStrictEqual(report, {
    service,
    status: "ok",
    exitCode: 0,
    settlements: [],
    provider: provider.owner.address,
  });
  assert.ok(BigInt(report.credits) > 0n && BigInt(report.usage.bitOps) > 0n);

  const trapped = await demec(["invoke", service], "trap");
  assert.deepEqual([trapped.stdout.length, trapped.code], [0, 3], trapped.stderr);
  const { settlements, ...rest } = lastLine(trapped.stderr);
  assert.partialDeepStrictEqual(rest, { status: "unreachable", sessionId: report.sessionId });
  assert.equal(settlements.length, 1);
  assert.equal(settlements[0].settlement.state.invocations, "2");
  assert.equal(BigInt(settlements[0].settlement.state.creditsUsed), BigInt(report.credits) + BigInt(rest.credits));
});

test("a function that runs out of fuel exits with 3, and is charged exactly the fuel", async () => {
  const path = join(market.folder, "input");
  await writeFile(path, "spin");
  const { code, stdout, stderr } = await demec(["invoke", service, "--input", path]);
  assert.deepEqual([code, stdout.length], [3, 0]);
  assert.partialDeepStrictEqual(lastLine(stderr), { status: "outOfFuel", usage: { bitOps: "10000000" } });
});

test("files go with a call, and count by their paths and bytes", async () => {
  const path = join(market.folder, "rates");
  await writeFile(path, new Uint8Array(1000));
  await demec(["buy", service, "1"]);
  const { code, stdout, stderr } = await demec(["invoke", service, "--file", `data/rates.csv=${path}`], "hello");
  assert.deepEqual([code, stdout.toString()], [0, "HELLO"], stderr);
  assert.equal(lastLine(stderr).usage.bytes, `${"hello".length * 2 + "data/rates.csv".length + 1000}`);
  const refused = await demec(["invoke", service, "--file", `../rates=${path}`], "hello");
  assert.deepEqual([refused.code, lastLine(refused.stderr).code], [1, "protocol/bad-files"]);
});

test("what is wrong is said as one line of JSON with its code, and exits with 1", async () => {
  const wrong: [code: string, ran: Ran][] = [
    ["cli/bad-option", await demec(["buy", service, "none"])],
    ["cli/no-key", await demec(["status"], "", { DEMEC_PRIVATE_KEY: buyer.privateKey.slice(2) })],
    ["sdk/over-budget", await demec(["invoke", service, "--session-credits", "50"], "x")],
    ["chain/rpc", await demec(["status"], "", { DEMEC_RPC: "http://127.0.0.1:9" })],
  ];
  for (const [code, ran] of wrong) {
    assert.partialDeepStrictEqual(lastLine(ran.stderr), { code });
    assert.deepEqual([ran.code, ran.stdout.length], [1, 0]);
  }
});

test("sell gives everything back, and status says what is where", async () => {
  const before = JSON.parse((await demec(["status"])).stdout.toString());
  assert.equal(before.account, buyer.address);
  assert.partialDeepStrictEqual(before.services[0], { service, name: "shout", credits: `${CREDIT / 2n}` });
  const { code, stdout } = await demec(["sell", service, "all"]);
  assert.equal(code, 0);
  assert.partialDeepStrictEqual(JSON.parse(stdout.toString()), { credits: `${CREDIT / 2n}` });
  const human = await runCli(["status"], env);
  said.push(human.stdout.toString());
  assert.match(human.stdout.toString(), /shout/);
  assert.equal((await market.books())["supply of 1"], 0n);
});

test("publisher and provider end cleanly when they are asked to, and no key was ever printed", async () => {
  assert.equal(await provider.process.kill("SIGTERM"), 0);
  assert.equal(await publisher.kill("SIGTERM"), 0);
  for (const { privateKey } of accounts) {
    assert.ok(!said.some((text) => text.toLowerCase().includes(privateKey.slice(2))));
  }
});
