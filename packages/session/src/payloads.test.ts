import assert from "node:assert/strict";
import { test } from "node:test";
import { type AnnouncedInvoke, type ExecutionRequest, inputBytes, StreamHash } from "@demec/protocol";
import { outcomeOf, requestOf } from "./testing/fixtures.ts";
import { Pair } from "./testing/pair.ts";

/** Input is free, so that large calls fit the fixtures' exposure. */
const FREE_BYTES = { terms: { tariff: { a: 1_000_000n, b: 0n, c: 0n, d: 0n, e: 0n, f: 0n } } };
const large = (bytes: number, outputBytes = 100): ExecutionRequest => ({
  ...requestOf(1, { outputBytes }),
  input: new Uint8Array(bytes).fill(1),
});

/** What the connection says of a call whose message it sends in fragments. */
function announced(pair: Pair): AnnouncedInvoke {
  const message = pair.wire.provider.at(-1)!;
  assert.ok(message.type === "invoke");
  const { callId, deadlineMs, request } = message;
  const length = Number(inputBytes(request));
  const { limits } = request;
  return { kind: "invoke", handle: 1, callId, deadlineMs, limits, inputBytes: length, messageBytes: length + 100 };
}

function announce(pair: Pair): boolean {
  const { mayCome, effects } = pair.provider.announce(announced(pair), pair.nowMs);
  pair.do("provider", effects);
  return mayCome;
}

const faults = (pair: Pair) => pair.sent("provider", "fault").map(({ code, breach }) => [code, breach]);

test("an announced call occupies the exposure from its announcement as it does when it has come, no more and no less", () => {
  const pair = new Pair(FREE_BYTES);
  pair.invoke(large(100_000));
  assert.ok(announce(pair));
  const { exposure, heldBytes, inFlight } = pair.provider;
  assert.deepEqual([exposure > 0n, heldBytes, inFlight], [true, 100_000, 1]);
  pair.deliver("provider");
  assert.deepEqual([pair.provider.exposure, pair.provider.heldBytes, pair.provider.inFlight], [exposure, 100_000, 1]);
  pair.settle();
  pair.checkpoint();
  assert.deepEqual([pair.provider.exposure, pair.provider.heldBytes, pair.provider.inFlight], [0n, 0, 0]);
  assert.equal(pair.buyer.creditsUsed, pair.provider.creditsUsed);
});

test("what the exposure policy or the bound on bytes has no room for is refused by its announcement", () => {
  const [buyer, provider] = [{ policy: { maxHeldBytes: 1 << 30 } }, { policy: { maxHeldBytes: 150_000 } }];
  const pair = new Pair(FREE_BYTES, { buyer: { ...FREE_BYTES, ...buyer }, provider: { ...FREE_BYTES, ...provider } });
  pair.invoke(large(100_000));
  assert.ok(announce(pair));
  pair.invoke(large(100_000));
  assert.ok(!announce(pair));
  pair.invoke(large(150_001));
  assert.ok(!announce(pair));
  assert.equal(pair.provider.heldBytes, 100_000);
  const dear = { ...FREE_BYTES, policy: { maxUnsignedCredits: 10n } };
  const poor = new Pair(FREE_BYTES, { buyer: FREE_BYTES, provider: dear });
  poor.invoke(large(100));
  assert.ok(!announce(poor));
  assert.deepEqual(faults(pair).concat(faults(poor)), [
    ["session/too-many-bytes", false],
    ["session/call-too-large", false],
    ["session/call-too-large", false],
  ]);
});

test("the buyer itself starts no call whose input would exceed the bound on bytes", () => {
  const pair = new Pair({ ...FREE_BYTES, policy: { maxHeldBytes: 150_000 } });
  pair.invoke(large(100_000));
  assert.throws(() => pair.invoke(large(100_000)), { code: "session/too-many-bytes" });
  assert.throws(() => pair.invoke(large(150_001)), { code: "session/call-too-large" });
  pair.settle();
  pair.invoke(large(100_000));
});

test("a cancelled upload frees all that it occupied and is charged nothing", () => {
  const pair = new Pair(FREE_BYTES);
  const callId = pair.invoke(large(100_000));
  announce(pair);
  pair.wire.provider.length = 0;
  pair.do("buyer", pair.buyer.cancel(callId));
  pair.settle();
  for (const end of [pair.buyer, pair.provider]) assert.deepEqual([end.exposure, end.inFlight], [0n, 0]);
  assert.deepEqual([pair.provider.heldBytes, pair.provider.writtenOff], [0, 0n]);
  assert.deepEqual(faults(pair), [["session/cancelled", false]]);
});

test("the deadline covers the upload: one that takes too long is no breach, and what is left is for the run", () => {
  const pair = new Pair(FREE_BYTES);
  pair.invoke(large(100_000), 1_000);
  announce(pair);
  pair.nowMs += 400;
  pair.deliver("provider");
  assert.equal(pair.executions.at(-1)!.deadlineMs, 600);
  pair.settle();
  pair.invoke(large(100_000), 1_000);
  announce(pair);
  pair.tick(1_001);
  assert.deepEqual(faults(pair), [["session/deadline", false]]);
  assert.equal(pair.provider.heldBytes, 0);
});

test("an upload's time counts as nobody's latency", () => {
  const pair = new Pair({ terms: { ...FREE_BYTES.terms, maxLatencyMs: 100 } });
  const callId = pair.invoke(large(100_000), 60_000);
  announce(pair);
  pair.nowMs += 5_000;
  pair.deliver("provider");
  pair.buyer.uploaded(callId, pair.nowMs);
  pair.settle();
  const [ack] = pair.sent("buyer", "ack");
  assert.deepEqual([ack!.latencyMs, ack!.breached], [0, false]);
});

test("a call that was announced before the buyer wished to close is still taken; one announced after is not", () => {
  const pair = new Pair(FREE_BYTES);
  pair.invoke(large(100_000));
  announce(pair);
  const late = announced(pair);
  const call = pair.wire.provider.shift()!;
  pair.do("buyer", pair.buyer.requestClose(pair.nowMs));
  pair.deliver("provider");
  assert.ok(!pair.provider.announce({ ...late, callId: late.callId + 1 }, pair.nowMs).mayCome);
  pair.wire.provider.unshift(call);
  pair.settle();
  assert.ok(pair.buyer.closed);
  assert.equal(pair.buyer.state!.state.invocations, 1n);
});

test("what is on its way when the connection breaks is forgotten, announced again and charged once", () => {
  const pair = new Pair(FREE_BYTES);
  pair.invoke(large(100_000));
  announce(pair);
  pair.detach();
  assert.deepEqual([pair.provider.heldBytes, pair.provider.exposure], [0, 0n]);
  pair.attach();
  assert.ok(announce(pair));
  pair.settle();
  pair.checkpoint();
  assert.equal(pair.provider.state!.state.invocations, 1n);
});

test("a call that is announced again while it runs, or when its result is held, needn't come again", () => {
  const pair = new Pair(FREE_BYTES);
  pair.invoke(large(100_000));
  const again = announced(pair);
  pair.deliver("provider");
  assert.ok(!announceAgain(pair, again));
  pair.execute();
  pair.wire.buyer.length = 0;
  assert.ok(!announceAgain(pair, again));
  pair.settle();
  assert.equal(pair.outcomes.get(again.callId)!.type, "result");
});

function announceAgain(pair: Pair, call: AnnouncedInvoke): boolean {
  const { mayCome, effects } = pair.provider.announce(call, pair.nowMs);
  pair.do("provider", effects);
  return mayCome;
}

test("results that a detached buyer doesn't fetch are bounded in bytes: the oldest run again, and each is charged once", () => {
  const pair = new Pair({ ...FREE_BYTES, policy: { maxHeldBytes: 250_000 } });
  const calls = Array.from({ length: 4 }, () => pair.invoke(large(100, 100_000)));
  for (let i = 0; i < 4; i++) pair.deliver("provider");
  pair.detach();
  for (let i = 0; i < 4; i++) {
    const { request } = pair.executions[0]!;
    pair.execute({ outcome: { ...outcomeOf(request), output: new Uint8Array(100_000) }, durationMs: 1 });
    assert.ok(pair.provider.heldBytes <= 250_000 + 400);
  }
  assert.ok(pair.provider.writtenOff > 0n, "what was dropped is held against the buyer");
  pair.attach();
  pair.settle();
  pair.checkpoint();
  for (const callId of calls) assert.equal(pair.outcomes.get(callId)!.type, "result");
  const price = 101n;
  assert.deepEqual([pair.buyer.state!.state.invocations, pair.buyer.creditsUsed], [4n, 4n * price]);
});

test("who cancels a large result while it comes is charged nothing; its price is held against him", () => {
  const pair = new Pair(FREE_BYTES);
  const callId = pair.invoke(large(100, 100_000));
  pair.deliver("provider");
  const { request } = pair.executions[0]!;
  pair.execute({ outcome: { ...outcomeOf(request), output: new Uint8Array(100_000) }, durationMs: 1 });
  pair.wire.buyer.length = 0;
  pair.do("buyer", pair.buyer.cancel(callId));
  pair.settle();
  assert.deepEqual([pair.provider.heldBytes, pair.provider.inFlight, pair.provider.writtenOff], [0, 0, 101n]);
  assert.deepEqual([pair.buyer.exposure, pair.buyer.inFlight], [0n, 0]);
});

function askStreamed(pair: Pair): number {
  const request: ExecutionRequest = { ...large(100, 1_000_000), shape: "command" };
  const { callId, effects } = pair.buyer.invoke(request, 1_000, pair.nowMs, true);
  pair.do("buyer", effects);
  return callId;
}

function streamed(pair: Pair): number {
  const callId = askStreamed(pair);
  pair.deliver("provider");
  return callId;
}

function endStreamed(pair: Pair, inputBytes = 100): void {
  const { request } = pair.executions[0]!;
  const stdout = new StreamHash();
  stdout.update(new Uint8Array(500_000));
  const ended = { inputBytes, stdoutBytes: 500_000, stdoutHash: stdout.digest() };
  pair.execute({ outcome: { ...outcomeOf(request), output: new Uint8Array(0) }, durationMs: 1, streamed: ended });
}

test("a streamed call is an execution of its own, counted by what was offered and what came", () => {
  const pair = new Pair(FREE_BYTES);
  const callId = streamed(pair);
  endStreamed(pair, 60);
  pair.settle();
  pair.checkpoint();
  const outcome = pair.outcomes.get(callId)!;
  assert.ok(outcome.type === "result");
  assert.equal(outcome.receipt.usage.bytes, 60n + 500_000n);
  assert.equal(pair.buyer.creditsUsed, 101n);
});

test("a result that tells of more input than there is, or of no stream where one was asked for, ends the session", () => {
  for (const spoil of [{ streamed: undefined }, { inputBytes: 101 }]) {
    const pair = new Pair(FREE_BYTES);
    streamed(pair);
    endStreamed(pair);
    const result = pair.wire.buyer.shift()!;
    assert.ok(result.type === "result");
    const { streamed: ended, ...plain } = result;
    pair.say("buyer", "streamed" in spoil ? plain : { ...plain, streamed: { ...ended!, ...spoil } });
    assert.equal(pair.buyer.halted?.code, "session/implausible-usage");
  }
});

test("who withdraws a streamed call pays nothing; once output has gone out, its worst case is held against him", () => {
  for (const delivered of [false, true]) {
    const pair = new Pair(FREE_BYTES);
    const callId = streamed(pair);
    const worst = pair.provider.exposure;
    if (delivered) pair.provider.delivered(callId);
    pair.do("buyer", pair.buyer.cancel(callId));
    pair.settle();
    assert.deepEqual([pair.provider.writtenOff, pair.provider.inFlight], [delivered ? worst : 0n, 0]);
    assert.equal(pair.buyer.exposure, 0n);
  }
});

test("a streamed call ends with its connection: told to its caller, ended on both sides, never charged", () => {
  const pair = new Pair(FREE_BYTES);
  const callId = streamed(pair);
  pair.detach();
  const outcome = pair.outcomes.get(callId)!;
  assert.ok(outcome.type === "fault");
  assert.equal(outcome.code, "session/stream-broken");
  assert.equal(pair.last("provider", "cancelExecution")?.callId, callId);
  pair.executions.length = 0;
  pair.attach();
  pair.settle();
  for (const end of [pair.buyer, pair.provider]) assert.deepEqual([end.exposure, end.inFlight], [0n, 0]);
});

test("a streamed call that is made while there is no connection is a streamed one when there is", () => {
  const pair = new Pair(FREE_BYTES);
  pair.detach();
  const callId = askStreamed(pair);
  pair.attach();
  assert.deepEqual(
    pair.sent("buyer", "invoke").map((message) => [message.callId, message.streamed]),
    [[callId, true]],
  );
});
