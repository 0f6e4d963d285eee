// Inputs, outputs and modules that travel by content, between real buyers and real providers: what cannot travel on the
// channel does, what is known does not travel twice, and what is not what was named costs nothing.
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { type ContentReference, isDemecError, sha256 } from "@demec/protocol";
import { DEFAULT_CONTENT_POLICY } from "@demec/provider";
import { type CallOptions, makeRequest, verifyReceipt } from "@demec/sdk";
import { bytesToHex } from "viem";
import { copier } from "../packages/wasm/src/testing/streams.ts";
import { compileForeignImport, compileShout } from "./support/functions.ts";
import { CREDIT, LocalMarket, USD } from "./support/localMarket.ts";
import { runCli } from "./support/runCli.ts";

let market: LocalMarket;
let shout: Uint8Array;
/** A service with a module, and one without. */
let fixed: string;
let open: string;

const MIB = 2 ** 20;
const NO_CODE = { codeHash: `0x${"00".repeat(32)}`, codeCore: `0x${"00".repeat(32)}` } as const;
const BUYER = { budget: 20n * USD, sessionCredits: 20n * CREDIT };
/** More than a frame carries. */
const LARGE = new Uint8Array(20 * MIB).fill(97);
const LIMITS = { bitOps: 3_000_000_000n, memoryPages: 1_024, outputBytes: LARGE.length };

before(async () => {
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  fixed = await market.publish(shout);
  open = await market.publish(shout, NO_CODE);
  await market.startProvider({ services: [fixed, open] });
});
after(() => market.stop());

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function buy(name: string) {
  const account = await market.account({ usd: 100n * USD });
  const demec = await market.connect(account);
  return { account, demec, service: await demec.service(name, BUYER) };
}

/** The provider's code for a call that it did not run; nothing is charged for it, and it is no breach. */
async function faultOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => assert.fail("it was run"),
    (error) => error,
  );
  assert.ok(isDemecError(error, "sdk/call-fault"), String(error));
  assert.equal(error.details.breach, false);
  return String(error.details.code);
}

test("an input and an output that no message carries are fetched, and charged like any other", async () => {
  const { demec, service } = await buy(fixed);
  const input = await demec.blob(LARGE);
  const { output, usage, session } = await service.invoke(input, { limits: LIMITS, outputByContent: true });
  assert.equal(output.length, LARGE.length);
  assert.ok(output.every((byte) => byte === 65));
  assert.equal(usage.bytes, BigInt(2 * LARGE.length));
  assert.equal(session.engine.inFlight, 0);

  // The provider knows the bytes by their hash: where they were to be had before no longer matters.
  const known = { ...input, coreKey: `0x${"01".repeat(32)}` } as const;
  assert.equal((await service.call(known, { limits: LIMITS, outputByContent: true })).length, LARGE.length);
  assert.equal((await service.close())[0]?.type, "settled");
});

test("an input that is not what was announced, or not to be had, ends in a coded fault and costs nothing", async () => {
  const { demec, service } = await buy(fixed);
  const bytes = new Uint8Array(3 * MIB).fill(98);
  const input = await demec.blob(bytes);
  const other = await demec.blob(new TextEncoder().encode("something else"));
  const call = (content: ContentReference, options?: CallOptions) => faultOf(service.call(content, options));
  assert.equal(await call({ ...input, length: input.length - 1 }), "network/content-too-large");
  assert.equal(await call({ ...other, sha256: input.sha256 }), "network/content-hash-mismatch");
  assert.equal(await call({ ...other, length: other.length + 1 }), "network/content-hash-mismatch");
  const huge = DEFAULT_CONTENT_POLICY.maxBytes + 1;
  assert.equal(await call({ ...input, length: huge }), "provider/content-too-large");
  const nobodys = { coreKey: `0x${"02".repeat(32)}`, sha256: `0x${"03".repeat(32)}`, length: 5 } as const;
  assert.match(await call(nobodys, { deadlineMs: 1_000 }), /^(network\/content-not-found|session\/deadline)$/);

  assert.equal(text(await service.call(other)), "SOMETHING ELSE");
  const result = await service.invoke("plain");
  await result.session.prove(result.callId);
  const { state } = result.session.state!;
  assert.deepEqual([state.invocations, state.breaches], [2n, 0n]);
  await service.close();
});

test("a buyer's own module is fetched, run and named by its receipts; when its provider stops another one runs it", async () => {
  const name = await market.publish(shout, NO_CODE);
  const providers = [];
  for (const region of ["eu-de-fra", "us-va-iad"]) {
    providers.push(await market.startProvider({ services: [name], region }));
  }
  const { service } = await buy(name);
  const module = await service.withModule(shout);
  const first = await module.invoke("hello");
  assert.equal(text(first.output), "HELLO");

  const { session, callId } = first;
  const { sessionId, params, nodeKey } = session;
  const request = makeRequest("hello", { module: module.content, shape: "reactor" }, service.metadata);
  const proven = await session.prove(callId);
  const evidence = { deployment: market.deployment, params, sessionId, request, result: first, proven };
  verifyReceipt({ ...evidence, codeHash: bytesToHex(sha256(shout)) });
  assert.throws(() => verifyReceipt({ ...evidence, codeHash: bytesToHex(sha256(LARGE)) }), { code: "sdk/bad-receipt" });

  await providers.find(({ daemon }) => daemon.nodeKey === nodeKey)!.daemon.stop();
  const second = await module.invoke("again");
  assert.equal(text(second.output), "AGAIN");
  assert.notEqual(second.session.nodeKey, nodeKey);
  await service.close();
});

test("a service with a module takes no other, and one without runs nothing without", async () => {
  const [one, other] = [await buy(fixed), await buy(open)];
  const module = await one.service.withModule(shout);
  await assert.rejects(module.call("hello"), { code: "session/wrong-module" });
  await assert.rejects(other.service.call("hello", { shape: "reactor" }), { code: "session/wrong-module" });
  await assert.rejects(other.service.withModule(new Uint8Array(9)), { code: "sdk/bad-module" });
  await Promise.all([one.service.close(), other.service.close()]);
});

test("a module that is too large, invalid, another one, or a burden to compile is refused by its code, at no cost and no breach", async () => {
  const { demec, service } = await buy(open);
  const good = await demec.blob(shout);
  const call = async (module: ContentReference) =>
    faultOf((await service.withModule(module, "reactor")).call("hello", { deadlineMs: 5_000 }));
  const other = { ...good, sha256: bytesToHex(sha256(Uint8Array.of(1, 2, 3))) };
  const published = async (bytes: Uint8Array) => call(await demec.blob(bytes));

  assert.equal(
    await call({ ...other, length: DEFAULT_CONTENT_POLICY.maxModuleBytes + 1 }),
    "provider/content-too-large",
  );
  assert.equal(await published(new Uint8Array(100).fill(7)), "wasm/invalid-module");
  assert.equal(await published(await compileForeignImport()), "wasm/import-not-offered");
  assert.equal(await call(other), "network/content-hash-mismatch");
  assert.equal(await published(compileBomb()), "wasm/over-limit");

  const { output, session, callId } = await (await service.withModule(good, "reactor")).invoke("still here");
  assert.equal(text(output), "STILL HERE");
  await session.prove(callId);
  assert.deepEqual([session.state!.state.invocations, session.state!.state.breaches], [1n, 0n]);
  await service.close();
});

test("a buyer's own command streams its output, under receipts that name it", async () => {
  const { service } = await buy(open);
  const copy = await service.withModule(copier(4_096));
  const output = copy.stream("as it is written", { limits: { ...LIMITS, outputBytes: 1_000 } });
  const chunks: Uint8Array[] = [];
  for await (const chunk of output) chunks.push(chunk);
  assert.equal(text(Buffer.concat(chunks)), "as it is written");
  const result = await output.result;
  const { session, callId } = result;
  const { sessionId, params } = session;
  const options = { module: copy.content, shape: "command", limits: { ...LIMITS, outputBytes: 1_000 } } as const;
  const request = makeRequest("as it is written", options, service.metadata);
  const evidence = { deployment: market.deployment, params, sessionId, request, result };
  const codeHash = bytesToHex(sha256(copier(4_096)));
  verifyReceipt({ ...evidence, codeHash, proven: await session.prove(callId) });
  await service.close();
});

test("the command runs a module from a file, on an input that the provider fetches", async () => {
  const account = await market.account({ usd: 100n * USD });
  const path = join(market.folder, "shout.wasm");
  await writeFile(path, shout);
  const args = ["invoke", open, "--module", path, "--by-content", "--budget", "5", "--session-credits", "5"];
  const { code, stdout, stderr } = await runCli(args, market.environment(account), "by content");
  assert.equal(code, 0, stderr);
  assert.equal(String(stdout), "BY CONTENT");
  const both = await runCli([...args, "--follow"], market.environment(account), "x");
  assert.match(String(both.stderr), /--follow or --by-content/);
  assert.notEqual(both.code, 0);
});

/** A small module that would keep a compiler busy for long: ways that part and meet, with many locals, over and over. */
function compileBomb(): Uint8Array {
  const leb = (value: number): number[] => (value < 128 ? [value] : [(value & 127) | 128, ...leb(value >> 7)]);
  const section = (id: number, ...parts: Uint8Array[]) => {
    const body = Buffer.concat(parts);
    return Buffer.concat([Uint8Array.of(id, ...leb(body.length)), body]);
  };
  const named = (name: string, kind: number) => [name.length, ...Buffer.from(name), kind, 0];
  // block, local.get 0, br_if 0, end.
  const ways = Buffer.alloc(7 * 5_000, Uint8Array.of(0x02, 0x40, 0x20, 0, 0x0d, 0, 0x0b));
  const body = Buffer.concat([Uint8Array.of(1, ...leb(20_000), 0x7f), ways, Uint8Array.of(0x0b)]);
  return Buffer.concat([
    Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0),
    section(1, Uint8Array.of(1, 0x60, 0, 0)),
    section(3, Uint8Array.of(1, 0)),
    section(5, Uint8Array.of(1, 0, 1)),
    section(7, Uint8Array.of(2, ...named("memory", 2), ...named("_start", 0))),
    section(10, Uint8Array.of(1, ...leb(body.length)), body),
  ]);
}
