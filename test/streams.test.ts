// Large payloads and streamed output between a provider and a buyer of a real market, paid for to the last byte.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { formatServiceMetadata } from "@demec/protocol";
import { makeRequest, type OutputStream, type Service, verifyReceipt } from "@demec/sdk";
import { copier } from "../packages/wasm/src/testing/streams.ts";
import { compileShout } from "./support/functions.ts";
import { CREDIT, LocalMarket, USD } from "./support/localMarket.ts";
import { runCli } from "./support/runCli.ts";

const MIB = 1 << 20;
const LIMITS = { bitOps: 2_000_000_000n, floatOps: 0n, memoryPages: 600, outputBytes: 15 * MIB };
/** Cheap enough for many large calls. */
const TARIFF = { a: 10n ** 11n, b: 10n ** 11n, c: 10n ** 11n, d: 0n, e: 0n, f: 0n };

let market: LocalMarket;
let copy: Service;
let copyName: string;
/** Of another buyer. */
let others: Service;

before(async () => {
  market = await LocalMarket.start();
  const metadata = (name: string, shape: "command" | "reactor") =>
    formatServiceMetadata({ name, shape, limits: LIMITS });
  const names = [
    await market.publish(copier(65_536), { tariff: TARIFF, metadata: metadata("copy", "command") }),
    await market.publish(await compileShout(), { tariff: TARIFF, metadata: metadata("shout", "reactor") }),
  ];
  await market.startProvider({ services: names });
  const buy = async (name: string) =>
    (await market.connect(await market.account({ usd: 100n * USD }))).service(name, {
      budget: 10n * USD,
      sessionCredits: 20n * CREDIT,
    });
  copyName = names[0]!;
  [copy, others] = [await buy(names[0]!), await buy(names[1]!)];
});
after(() => market.stop());

const pattern = (bytes: number) => new Uint8Array(bytes).map((_, i) => (i * 31) >> 4);

async function read(output: OutputStream): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of output) chunks.push(chunk);
  return Buffer.concat(chunks);
}

test("14 MiB go there and back, and small calls of the same session go on meanwhile", async (t) => {
  const input = pattern(14 * MIB);
  await copy.call("warm");
  const upper = copy.call(input, { deadlineMs: 60_000 });
  const waits: number[] = [];
  let isDone = false;
  upper.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    const started = performance.now();
    await copy.call("hello");
    waits.push(performance.now() - started);
    await sleep(2);
  }
  assert.deepEqual(Buffer.compare(await upper, input), 0);
  waits.sort((a, b) => a - b);
  t.diagnostic(`${waits.length} small calls meanwhile, median ${waits[waits.length >> 1]!.toFixed(1)} ms`);
  assert.ok(waits.length > 5, "small calls go on meanwhile");
});

test("files count as input: a call of small input and large files goes in fragments as well", async () => {
  const files = { "data/a.bin": pattern(3 * MIB), "data/b.bin": pattern(2 * MIB) };
  const result = await copy.invoke("few", { files, deadlineMs: 30_000 });
  assert.equal(new TextDecoder().decode(result.output), "few");
  assert.equal(result.usage.bytes, BigInt(5 * MIB + 2 * "data/a.bin".length + 2 * "few".length));
});

test("output is there while the command runs, and its receipt is over all of it", async () => {
  const input = pattern(5 * MIB + 5);
  const request = { deadlineMs: 60_000, clockNs: 5n };
  const output = copy.stream(input, request);
  let isOver = false;
  output.result.finally(() => {
    isOver = true;
  });
  const { value: first } = await output.next();
  assert.ok(first!.length > 0 && !isOver);
  const rest = await read(output);
  assert.equal(Buffer.compare(Buffer.concat([first!, rest]), input), 0);
  const result = await output.result;
  assert.equal(result.status, "ok");
  assert.partialDeepStrictEqual(result.streamed, { inputBytes: input.length, stdoutBytes: input.length });
  const { session, callId } = result;
  const proven = await session.prove(callId);
  const { sessionId, params } = session;
  const { codeHash } = copy.terms;
  const check = { deployment: market.deployment, params, sessionId, codeHash, result, proven };
  verifyReceipt({ ...check, request: makeRequest(input, request, copy.metadata) });
  const other = makeRequest(input.slice(1), request, copy.metadata);
  assert.throws(() => verifyReceipt({ ...check, request: other }), { code: "sdk/bad-receipt" });
});

test("a reader that pauses holds its program back and nobody else; one that leaves takes the call back", async () => {
  const output = copy.stream(pattern(4 * MIB), { deadlineMs: 60_000 });
  await output.next();
  let isOver = false;
  output.result
    .catch(() => {})
    .finally(() => {
      isOver = true;
    });
  await sleep(500);
  assert.ok(!isOver, "what is not read is not sent, and what can't be sent is not written");
  assert.equal(new TextDecoder().decode(await others.call("meanwhile")), "MEANWHILE");
  await output.return();
  await assert.rejects(output.result, { name: "AbortError" });
  assert.equal(new TextDecoder().decode(await copy.call("still here")), "still here");
});

test("a deadline that passes while the reader holds the program back is no breach of the provider", async () => {
  const output = copy.stream(pattern(4 * MIB), { deadlineMs: 6_000 });
  await output.next();
  await assert.rejects(output.result, (error: { code: string; details: Record<string, unknown> }) => {
    assert.equal(error.code, "sdk/call-fault");
    assert.equal(error.details.breach, false);
    return true;
  });
});

test("the command follows a deployed command's output to its end, and reports then", async () => {
  const input = "as it is written\n".repeat(40_000);
  const account = await market.account({ usd: 100n * USD });
  const args = ["invoke", copyName, "--follow", "--budget", "5", "--session-credits", "5", "--json"];
  const { code, stdout, stderr } = await runCli(args, market.environment(account), input);
  assert.equal(code, 0, stderr);
  assert.equal(Buffer.compare(stdout, Buffer.from(input)), 0);
  const report = JSON.parse(stderr.trim().split("\n").at(-1)!);
  assert.equal(report.status, "ok");
});

test("nothing is charged but what receipts say: the market's books add up", async () => {
  await copy.close();
  await others.close();
});
