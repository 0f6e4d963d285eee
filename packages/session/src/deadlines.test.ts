import assert from "node:assert/strict";
import { test } from "node:test";
import { DEADLINE_GRACE_MS } from "./terms.ts";
import { requestOf } from "./testing/fixtures.ts";
import { Pair } from "./testing/pair.ts";

test("a call without an answer by its deadline and grace is answered as a fault, and withdrawn", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(1), 500);
  pair.tick(500 + DEADLINE_GRACE_MS);
  assert.equal(pair.outcomes.size, 0);
  pair.do("buyer", pair.buyer.tick(pair.nowMs + 1));
  const outcome = pair.outcomes.get(callId);
  assert.ok(outcome?.type === "fault" && outcome.code === "session/deadline");
  pair.settle();
  assert.equal(pair.buyer.inFlight + pair.provider.inFlight, 0);
  assert.equal(pair.buyer.exposure, 0n);
});

test("a result that comes after the deadline is acknowledged as late, charged once, and not delivered", () => {
  const pair = new Pair();
  pair.invoke(requestOf(255), 200);
  pair.deliver("provider");
  pair.execute();
  pair.nowMs += 201 + DEADLINE_GRACE_MS;
  pair.do("buyer", pair.buyer.tick(pair.nowMs));
  assert.equal(pair.outcomes.size, 1);
  pair.settle();
  assert.equal(pair.effects.buyer.filter((effect) => effect.type === "resolve").length, 1);
  pair.checkpoint();
  const { state } = pair.provider.state!;
  assert.equal(state.invocations, 1n);
  assert.equal(state.breaches, 1n);
  assert.equal(pair.buyer.receiptFor(1)?.receipt.usage.latencyMs, 1_201);
});

test("a withdrawn call is resolved at once, stops running, and costs nothing", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(1));
  pair.deliver("provider");
  pair.do("buyer", pair.buyer.cancel(callId));
  const outcome = pair.outcomes.get(callId);
  assert.ok(outcome?.type === "fault" && outcome.code === "session/cancelled");
  pair.deliver("provider");
  assert.deepEqual(pair.last("provider", "cancelExecution"), { type: "cancelExecution", callId });
  pair.settle();
  pair.checkpoint();
  assert.equal(pair.buyer.exposure + pair.provider.exposure, 0n);
  assert.equal(pair.provider.state, null);
});

test("a withdrawal that crosses the result changes nothing but the caller's answer: the work is charged", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(1));
  pair.deliver("provider");
  pair.execute();
  pair.do("buyer", pair.buyer.cancel(callId));
  pair.settle();
  pair.checkpoint();
  assert.equal(pair.outcomes.get(callId)?.type, "fault");
  assert.equal(pair.provider.state?.state.invocations, 1n);
  assert.equal(pair.buyer.inFlight + pair.provider.inFlight, 0);
});

test("an executor that never answers is given up, as a breach", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(1), 500);
  pair.deliver("provider");
  pair.nowMs += 501 + DEADLINE_GRACE_MS;
  pair.do("provider", pair.provider.tick(pair.nowMs));
  pair.settle();
  const outcome = pair.outcomes.get(callId);
  assert.ok(outcome?.type === "fault" && outcome.breach && outcome.code === "session/deadline");
  assert.equal(pair.provider.inFlight, 0);
  pair.checkpoint();
  assert.equal(pair.buyer.state?.state.breaches, 1n);
});

test("a call withdrawn after the promised latency counts as a breach", () => {
  for (const [afterMs, breaches] of [
    [100, undefined],
    [101, 1n],
  ] as const) {
    const pair = new Pair();
    const callId = pair.invoke(requestOf(1));
    pair.deliver("provider");
    pair.tick(afterMs);
    pair.do("buyer", pair.buyer.cancel(callId));
    pair.deliver("provider");
    while (pair.wire.buyer.length > 0) pair.deliver("buyer");
    pair.checkpoint();
    assert.equal(pair.buyer.state?.state.breaches, breaches);
  }
});

test("a deadline that passes while detached is answered, and the provider's work is not lost track of", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(1), 500);
  pair.deliver("provider");
  pair.detach();
  pair.execute();
  pair.tick(501 + DEADLINE_GRACE_MS);
  assert.equal(pair.outcomes.get(callId)?.type, "fault");
  pair.attach();
  pair.settle();
  assert.equal(pair.buyer.inFlight + pair.provider.inFlight, 0);
  pair.checkpoint();
  assert.equal(pair.provider.state?.state.invocations, 1n);
});

test("an abandoned call stops running where it can; where its result is on its way, it is written off and charged to nobody", () => {
  const pair = new Pair();
  const [crossed, stopped] = [pair.invoke(requestOf(1)), pair.invoke(requestOf(2))];
  pair.deliver("provider");
  pair.deliver("provider");
  pair.execute();
  for (const callId of [stopped, crossed]) pair.do("buyer", pair.buyer.abandon(callId));
  pair.settle();
  assert.equal(pair.outcomes.size, 0);
  assert.deepEqual([pair.buyer.inFlight, pair.buyer.exposure, pair.provider.inFlight], [0, 0n, 1]);
  pair.tick(60_000);
  assert.equal(pair.provider.inFlight, 0);
  assert.ok(pair.provider.writtenOff > 0n);
  pair.checkpoint();
  assert.equal(pair.provider.state, null);
});

test("what was abandoned while the connection was gone is withdrawn on the next one", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(1));
  pair.deliver("provider");
  pair.detach();
  pair.do("buyer", pair.buyer.abandon(callId));
  pair.attach();
  pair.settle();
  assert.deepEqual(pair.last("provider", "cancelExecution"), { type: "cancelExecution", callId });
  assert.equal(pair.buyer.inFlight + pair.provider.inFlight, 0);
  assert.equal(pair.provider.writtenOff, 0n);
});
