import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { ContentStore } from "@demec/network";
import { connectionPair } from "@demec/network/testing";
import { type ContentReference, type DemecError, type ExecutionRequest, type Result, STATUS } from "@demec/protocol";
import { bareRequest } from "@demec/protocol/testing";
import { OutputFetcher } from "./outputFetcher.ts";

const OUTPUT = new Uint8Array(200_000).map((_, i) => i >> 3);
const LIMITS = { bitOps: 1n, floatOps: 0n, memoryPages: 1, outputBytes: OUTPUT.length };
const ASKED = bareRequest({ limits: LIMITS, byContent: { output: true } });

async function storeOf(t: TestContext): Promise<ContentStore> {
  const directory = await mkdtemp(join(tmpdir(), "demec-output-"));
  const store = await ContentStore.open(directory);
  t.after(async () => {
    await store.close();
    await rm(directory, { recursive: true, force: true });
  });
  return store;
}

/** A fetcher with a provider's store at the other end of its connection; what came of the one call. */
async function fetcher(t: TestContext, request: ExecutionRequest | undefined, patienceMs = 5_000) {
  const [content, theirs] = await Promise.all([storeOf(t), storeOf(t)]);
  const [connection, other] = await connectionPair();
  t.after(() => Promise.all([connection.close(), other.close()]));
  theirs.replicate(other);
  const end = Promise.withResolvers<Result | DemecError>();
  const outputs = new OutputFetcher({
    content,
    connections: () => [connection],
    awaited: () => request && { request, untilMs: performance.now() + patienceMs },
    fetched: end.resolve,
    failed: (_callId, cause) => end.resolve(cause),
  });
  t.after(() => outputs.stop());
  return { outputs, theirs, end: end.promise };
}

function resultWith(outputContent: ContentReference): Result {
  const work = { status: STATUS.ok, exitCode: 0, bitOps: 1n, floatOps: 0n, durationMs: 1 };
  return { type: "result", callId: 1, ...work, output: new Uint8Array(0), stderr: new Uint8Array(0), outputContent };
}

test("a result counts once its output is here, and is then like any other", async (t) => {
  const { outputs, theirs, end } = await fetcher(t, ASKED);
  const result = resultWith(await theirs.put(OUTPUT));
  assert.equal(outputs.take(result), true);
  assert.equal(outputs.take(result), true, "told twice, it is fetched once");
  const { outputContent, ...rest } = result;
  assert.ok(outputContent);
  assert.deepEqual(await end, { ...rest, output: OUTPUT });
});

test("an output of another hash or length than was named, or that is not to be had, fails by its code", async (t) => {
  const other = new Uint8Array(9);
  const cases: [(named: ContentReference, there: ContentReference) => ContentReference, string][] = [
    [(named, there) => ({ ...there, sha256: named.sha256 }), "network/content-hash-mismatch"],
    [(named) => ({ ...named, length: named.length - 1 }), "network/content-too-large"],
    [(_, there) => ({ ...there, length: 10 }), "network/content-hash-mismatch"],
    [(named) => ({ ...named, coreKey: `0x${"00".repeat(31)}01` }), "network/content-not-found"],
  ];
  for (const [lie, code] of cases) {
    const { outputs, theirs, end } = await fetcher(t, ASKED, 1_000);
    const said = lie(await theirs.put(OUTPUT), await theirs.put(other));
    assert.equal(outputs.take(resultWith(said)), true);
    assert.equal(((await end) as DemecError).code, code);
  }
});

test("what was not asked for by content, is larger than allowed, or is awaited by nobody is not fetched", async (t) => {
  const sent = bareRequest({ limits: LIMITS });
  const small = { ...ASKED, limits: { ...LIMITS, outputBytes: OUTPUT.length - 1 } };
  for (const request of [sent, small, undefined]) {
    const { outputs, theirs } = await fetcher(t, request);
    assert.equal(outputs.take(resultWith(await theirs.put(OUTPUT))), false);
  }
});
