// Typed functions from end to end: schemas that a publisher ships, fetched from whoever has them, and what they keep away.
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { creditsOf } from "@demec/chain";
import { type DemecError, formatServiceMetadata } from "@demec/protocol";
import { runPrograms, snippets } from "./support/docPrograms.ts";
import { compileShout } from "./support/functions.ts";
import { LocalMarket, USD } from "./support/localMarket.ts";
import { runCli } from "./support/runCli.ts";

const GUIDE = "guides/typed-functions.md";
const TEXT = { type: "string", contentMediaType: "text/plain" } as const;
const ARRAY = { type: "array", items: { type: "string", pattern: "^[a-z]*$" }, maxItems: 3 } as const;

let market: LocalMarket;
let shout: Uint8Array;
/** Deployed by the command, whose process has ended: its providers alone have code and schema. */
let service: string;
let schemaFile: string;
before(async () => {
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  const module = join(market.folder, "shout.wasm");
  schemaFile = join(market.folder, "schema.json");
  await writeFile(module, shout);
  const [schema] = snippets(GUIDE, "json");
  await writeFile(schemaFile, schema!);
  const publisher = await market.account();
  const args = ["deploy", module, "--payment-token", market.network.mockUsd, "--schema", schemaFile];
  const limits = ["--limits", "10000000,0,256,1048576", "--curve", "0.01,300:0.01,700:0.1,1000:0.1"];
  const deploy = market.cli([...args, ...limits], market.environment(publisher));
  ({ service } = (await deploy.nextObject()) as { service: string });
  market.know(service);
  await market.startProvider({ services: [service] });
  await deploy.kill("SIGTERM");
});
after(() => market?.stop());

async function buyer() {
  const account = await market.account({ usd: 10n * USD });
  const demec = await market.connect(account);
  return { account, demec };
}

const failureOf = (work: Promise<unknown>): Promise<DemecError> =>
  work.then(
    (value) => assert.fail(`gave ${JSON.stringify(value)}`),
    (error) => error,
  );

test("the schema on chain is found after its publisher has gone, and a call by it gives a value", async () => {
  const { demec } = await buyer();
  const called = await demec.service(service, { budget: USD });
  assert.deepEqual(await called.schema(), JSON.parse(await readFile(schemaFile, "utf8")));
  const typed = await called.typed();
  assert.deepEqual(await typed.call(["hello", "types"]), ["HELLO", "TYPES"]);
  const { value, status } = await typed.invoke(["once", "more"]);
  assert.deepEqual([value, status], [["ONCE", "MORE"], "ok"]);
  const trapped = await (await called.typed({ input: TEXT, output: TEXT })).invoke("trap");
  assert.deepEqual([trapped.value, trapped.status], [undefined, "unreachable"]);
  assert.equal(typed.service, called);
  await called.close();
});

test("what is not as the schema says costs nothing: neither money nor a session", async () => {
  const { demec } = await buyer();
  const before = await market.books();
  const typed = await (await demec.service(service, { budget: USD })).typed();
  for (const input of ["hello", ["Hello"], Array(101).fill("hello"), undefined]) {
    assert.equal((await failureOf(typed.call(input))).code, "sdk/input-mismatch");
  }
  assert.deepEqual(await market.books(), before);
});

test("an output that breaks the schema is told with its place, and was paid for", async () => {
  const { demec, account } = await buyer();
  const called = await demec.service(service, { budget: USD });
  const { code, details } = await failureOf((await called.typed({ input: ARRAY, output: ARRAY })).call(["ab", "é"]));
  assert.deepEqual([code, details.pointer, details.value], ["sdk/input-mismatch", "/1", "é"]);
  const shouted = await failureOf((await called.typed({ input: ARRAY, output: ARRAY })).call(["ab", "cd"]));
  assert.deepEqual([shouted.code, shouted.details.pointer, shouted.details.value], ["sdk/output-mismatch", "/0", "AB"]);
  const [settled] = await called.close();
  assert.ok(settled?.type === "settled" && settled.settlement.state.creditsUsed > 0n);
  const serviceId = BigInt(service.split("/").at(-1)!);
  const left = await creditsOf(market.client, market.deployment, { serviceId, account: account.address });
  assert.equal(left, 0n);
});

test("a module of one's own is called by one's own schema; what needs none has none to give", async () => {
  const none = { codeHash: `0x${"00".repeat(32)}`, codeCore: `0x${"00".repeat(32)}` } as const;
  const bare = await market.publish(shout, none);
  await market.startProvider({ services: [bare] });
  const { demec } = await buyer();
  const open = await demec.service(bare, { budget: USD });
  assert.equal((await failureOf(open.typed())).code, "sdk/no-schema");
  const typed = await (await open.withModule(shout)).typed({ input: ARRAY, output: { type: "array" } });
  assert.deepEqual(await typed.call(["a"]), ["A"]);
  await typed.service.close();
});

test("a service is served though its schema is not to be had", async () => {
  const nobodys = { coreKey: `0x${"0c".repeat(32)}`, sha256: `0x${"0d".repeat(32)}`, length: 9 } as const;
  const limits = { bitOps: 10_000_000n, floatOps: 0n, memoryPages: 256, outputBytes: 1 << 20 };
  const metadata = formatServiceMetadata({ name: "shout", shape: "reactor", limits, schema: nobodys });
  const lost = await market.publish(shout, { metadata });
  const { log } = await market.startProvider({ services: [lost] });
  assert.ok(log.lines.some(({ message }) => message.includes("schema")));
  const { demec } = await buyer();
  const called = await demec.service(lost, { budget: USD });
  assert.deepEqual(await called.call("still here"), new TextEncoder().encode("STILL HERE"));
  await called.close();
});

test("`demec types` writes a client that calls", async () => {
  const { account } = await buyer();
  const env = market.environment(account);
  const { stdout, stderr, code } = await runCli(["types", service], env);
  assert.deepEqual([stderr, code], ["", 0]);
  const program = `
      import { connect } from "@demec/sdk/node";
      import { open } from "./shout.ts";
      const demec = await connect();
      const shout = await open(demec, { budget: 1_000_000n });
      console.log(await shout.call(["hello", "types"]));
      await demec.close({ sellBack: true });`;
  const ran = await runPrograms({ "shout.ts": stdout.toString(), "program.ts": program }, [], env);
  assert.deepEqual([ran.stderr, ran.stdout.toString()], ["", "[ 'HELLO', 'TYPES' ]\n"]);
});

test("the programs of docs/guides/typed-functions.md print what their comments say", async () => {
  const printed = ["[ 'HELLO', 'EDGE' ]\nsdk/input-mismatch /0\n", "HELLO\n", "3\n"];
  const programs = snippets(GUIDE, "ts");
  assert.equal(programs.length, printed.length);
  for (const [index, program] of programs.entries()) {
    const { account } = await buyer();
    const ran = await runPrograms({ "program.ts": program }, [service], market.environment(account));
    assert.deepEqual([ran.stderr, ran.stdout.toString()], ["", printed[index]]);
  }
});

test("a schema with a misspelt keyword, or too large, is not deployed", async () => {
  const account = await market.account();
  const env = market.environment(account);
  const args = ["deploy", join(market.folder, "shout.wasm"), "--payment-token", market.network.mockUsd, "--json"];
  for (const schema of [
    { input: { tpye: "string" } },
    { output: { type: "strng" } },
    { input: { $ref: "#/$defs/none" } },
    { input: { description: "x".repeat(70_000) } },
  ]) {
    await writeFile(schemaFile, JSON.stringify(schema));
    const { code, stderr } = await runCli([...args, "--schema", schemaFile], env);
    assert.deepEqual([code, JSON.parse(stderr).code], [1, "sdk/bad-schema"]);
  }
});
