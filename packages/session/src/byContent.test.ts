import assert from "node:assert/strict";
import { test } from "node:test";
import { type ContentReference, executionHash, inputBytes, outputHash, sha256 } from "@demec/protocol";

import { toHex } from "./hex.ts";
import { DEADLINE_GRACE_MS } from "./terms.ts";
import { outcomeOf, requestOf, TERMS } from "./testing/fixtures.ts";
import { Pair } from "./testing/pair.ts";

const contentOf = (bytes: Uint8Array): ContentReference => ({
  coreKey: `0x${"c0".repeat(32)}`,
  sha256: toHex(sha256(bytes)),
  length: bytes.length,
});
const NOTHING = new Uint8Array(0);

test("a receipt tells of the bytes, not of the way they took: input and output by content have the same hashes", () => {
  const whole = requestOf(1);
  const named = { ...whole, input: NOTHING, byContent: { input: contentOf(whole.input) } };
  const moduleHash = TERMS.moduleHash!;
  assert.deepEqual(executionHash(moduleHash, named), executionHash(moduleHash, whole));
  const outcome = outcomeOf(whole);
  const published = { ...outcome, output: NOTHING, outputContent: contentOf(outcome.output) };
  assert.deepEqual(outputHash(published), outputHash(outcome));
});

test("a named input occupies and costs what its announced length would on the channel", () => {
  const bytes = new Uint8Array(5_000);
  const [sent, named] = [new Pair(), new Pair()];
  sent.invoke({ ...requestOf(1), input: bytes });
  named.invoke({ ...requestOf(1), input: NOTHING, byContent: { input: contentOf(bytes) } });
  assert.equal(named.buyer.exposure, sent.buyer.exposure);
  for (const pair of [sent, named]) {
    pair.deliver("provider");
    pair.execute({ outcome: outcomeOf(requestOf(1)), durationMs: 1 });
    pair.settle();
    pair.checkpoint();
  }
  const receipt = (pair: Pair) => pair.buyer.receiptFor(1)!.receipt;
  assert.equal(receipt(named).usage.bytes, receipt(sent).usage.bytes);
  assert.deepEqual(receipt(named).executionHash, receipt(sent).executionHash);
});

test("time that a fetch takes is nobody's breach and changes no price; the deadline runs from when all is there", () => {
  const pair = new Pair();
  const input = contentOf(Uint8Array.of(1));
  const callId = pair.invoke({ ...requestOf(1), input: NOTHING, byContent: { input } }, 60_000);
  pair.deliver("provider");
  pair.tick(30_000);
  pair.provider.fetched(callId, pair.nowMs);
  pair.tick(29_000);
  assert.equal(pair.provider.inFlight, 1);
  pair.execute();
  pair.settle();
  pair.checkpoint();
  const { usage, breached } = pair.buyer.receiptFor(callId)!.receipt;
  assert.deepEqual([usage.latencyMs, breached, pair.provider.state?.state.breaches], [0, false, 0n]);

  const late = new Pair();
  const lateId = late.invoke({ ...requestOf(1), input: NOTHING, byContent: { input } }, 1_000);
  late.deliver("provider");
  late.provider.fetched(lateId, late.nowMs);
  late.do("provider", late.provider.tick(late.nowMs + 1_001 + DEADLINE_GRACE_MS));
  assert.equal(late.sent("provider", "fault")[0]?.code, "session/deadline");
});

test("a buyer that claims latency for a call by content is not believed", () => {
  const pair = new Pair();
  const callId = pair.invoke({ ...requestOf(1), byContent: { output: true } });
  pair.deliver("provider");
  pair.execute();
  pair.say("provider", { type: "ack", callId, latencyMs: 1, pingMs: 0, breached: false });
  assert.equal(pair.provider.halted?.code, "session/implausible-latency");
});

test("an output by content is charged like one that was sent, once it was fetched; it has the call's time for that", () => {
  const pair = new Pair({ policy: { ackTimeoutMs: 100 } });
  const request = { ...requestOf(1), byContent: { output: true } } as const;
  const callId = pair.invoke(request, 5_000);
  pair.deliver("provider");
  const outcome = outcomeOf(request);
  pair.execute({ outcome, durationMs: 1, outputContent: contentOf(outcome.output) });
  const [result] = pair.wire.buyer.splice(0);
  assert.ok(result?.type === "result" && result.output.length === 0);
  pair.tick(5_000);
  assert.equal(pair.provider.inFlight, 1);
  const { outputContent, ...rest } = result;
  assert.deepEqual(outputContent, contentOf(outcome.output));
  pair.say("buyer", { ...rest, output: outcome.output });
  pair.settle();
  pair.checkpoint();
  assert.equal(pair.buyer.receiptFor(callId)?.receipt.usage.bytes, 2n + BigInt(outcome.output.length));
  assert.equal(pair.provider.writtenOff, 0n);
});

test("an output that can't be had is abandoned: nothing is charged, and the provider bears what it did", () => {
  const pair = new Pair();
  const request = { ...requestOf(1), byContent: { output: true } } as const;
  const callId = pair.invoke(request, 5_000);
  pair.deliver("provider");
  const outcome = outcomeOf(request);
  pair.execute({ outcome, durationMs: 1, outputContent: contentOf(outcome.output) });
  pair.wire.buyer.length = 0;
  assert.equal(pair.buyer.awaited(callId)?.untilMs, pair.nowMs + 5_000);
  pair.do("buyer", pair.buyer.abandon(callId));
  assert.equal(pair.buyer.awaited(callId), undefined);
  pair.settle();
  assert.equal(pair.buyer.exposure, 0n);
  pair.tick(pair.provider.policy.ackTimeoutMs + 5_001);
  pair.checkpoint();
  assert.equal(pair.provider.state, null);
  assert.ok(pair.provider.writtenOff > 0n);
});

test("a provider that answers by content unasked ends the session", () => {
  const pair = new Pair();
  pair.invoke(requestOf(1));
  pair.deliver("provider");
  const outcome = outcomeOf(requestOf(1));
  pair.execute({ outcome, durationMs: 1, outputContent: contentOf(outcome.output) });
  pair.settle();
  assert.equal(pair.buyer.halted?.code, "session/implausible-usage");
});

test("where the service has no module each call names its own, and its receipt that one; elsewhere none may", () => {
  const open = new Pair({ terms: { moduleHash: null } });
  const module = contentOf(Uint8Array.of(9));
  const request = { ...requestOf(1), byContent: { module } };
  const callId = open.invoke(request);
  open.settle();
  open.checkpoint();
  assert.deepEqual(
    open.buyer.receiptFor(callId)?.receipt.executionHash,
    executionHash(sha256(Uint8Array.of(9)), request),
  );
  assert.throws(() => open.invoke(requestOf(2)), { code: "session/wrong-module" });
  const invoke = { type: "invoke", callId: 70_000, deadlineMs: 1_000 } as const;
  open.say("provider", { ...invoke, request: requestOf(2) });
  open.say("provider", { ...invoke, callId, request: requestOf(2) });

  const fixed = new Pair();
  assert.throws(() => fixed.invoke(request), { code: "session/wrong-module" });
  fixed.say("provider", { ...invoke, request });
  for (const pair of [open, fixed]) assert.equal(pair.sent("provider", "fault")[0]?.code, "session/bad-request");
});

test("a reference that is none, and an input beside the one that is named, are refused before anything is sent", () => {
  const pair = new Pair();
  const input = contentOf(Uint8Array.of(1));
  for (const byContent of [
    { input: { ...input, coreKey: "0x12" } },
    { input: { ...input, sha256: `${input.sha256}0` } },
    { input: { ...input, length: 2 ** 32 } },
    { input: { ...input, length: 0.5 } },
  ] as { input: ContentReference }[]) {
    assert.throws(() => pair.invoke({ ...requestOf(1), input: NOTHING, byContent }), { code: "protocol/out-of-range" });
  }
  assert.throws(() => pair.invoke({ ...requestOf(1), byContent: { input } }), { code: "protocol/out-of-range" });
});

test("a named input is held elsewhere: it takes none of a session's bytes, announced or come, and is priced all the same", () => {
  const setup = { policy: { maxHeldBytes: 20_000 }, terms: { tariff: { a: 1n, b: 0n, c: 0n, d: 0n, e: 0n, f: 0n } } };
  const pair = new Pair(setup);
  const input = { ...contentOf(NOTHING), length: 1_000_000 };
  const call = { ...requestOf(1), input: NOTHING, byContent: { input } };
  const callId = pair.invoke(call);
  const message = { kind: "invoke", handle: 1, callId, deadlineMs: 1_000, limits: call.limits } as const;
  const announced = { ...message, inputBytes: Number(inputBytes(call)), messageBytes: 15_000 };
  assert.ok(pair.provider.announce(announced, pair.nowMs).mayCome);
  assert.equal(pair.provider.heldBytes, 15_000);
  pair.deliver("provider");
  assert.deepEqual([pair.provider.heldBytes, pair.provider.inFlight], [0, 1]);
  pair.execute();
  pair.settle();
  pair.checkpoint();
  assert.ok(pair.buyer.receiptFor(callId)!.receipt.usage.bytes >= 1_000_000n);
});

test("only the module of a streamed call travels by content", () => {
  const pair = new Pair();
  const input = contentOf(Uint8Array.of(1));
  for (const byContent of [{ input }, { output: true as const }]) {
    const call = { ...requestOf(1), input: NOTHING, byContent };
    assert.throws(() => pair.buyer.invoke(call, 1_000, 0, true), { code: "protocol/out-of-range" });
  }
  const own = new Pair({ terms: { moduleHash: null } });
  const { callId, effects } = own.buyer.invoke({ ...requestOf(1), byContent: { module: input } }, 1_000, 0, true);
  own.do("buyer", effects);
  own.deliver("provider");
  own.tick(30_000);
  assert.equal(own.provider.inFlight, 1, "its deadline begins once its module is there");
  own.provider.fetched(callId, own.nowMs);
  own.do("provider", own.provider.tick(own.nowMs + 1_001 + DEADLINE_GRACE_MS));
  assert.equal(own.sent("provider", "fault")[0]?.code, "session/deadline");
});
