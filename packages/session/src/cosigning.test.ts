import assert from "node:assert/strict";
import { test } from "node:test";
import { receiptLeaf, verifyReceiptProof } from "@demec/protocol";
import { requestOf } from "./testing/fixtures.ts";
import { Pair } from "./testing/pair.ts";

test("a call is answered, acknowledged, co-signed and provable on both sides", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(5));
  pair.settle();
  const outcome = pair.outcomes.get(callId)!;
  assert.ok(outcome.type === "result");
  assert.equal(pair.buyer.receiptFor(callId), null);
  pair.checkpoint();
  const proof = pair.buyer.receiptFor(callId)!;
  assert.deepEqual(proof.receipt, outcome.receipt);
  assert.ok(verifyReceiptProof(proof.root, proof.size, proof.leafIndex, receiptLeaf(proof.receipt), proof.path));
  assert.equal(`0x${Buffer.from(proof.root).toString("hex")}`, proof.state.state.receiptsRoot);
  assert.deepEqual(pair.provider.receiptFor(callId), proof);
  assert.deepEqual(pair.buyer.state, pair.provider.state);
  assert.equal(outcome.credits, 105n + 50n);
  assert.equal(pair.buyer.creditsUsed, 155n);
  assert.equal(pair.provider.exposure + pair.buyer.exposure, 0n);
});

test("the caller has the result before any signature is asked for", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(1));
  pair.deliver("provider");
  pair.execute();
  const [first] = pair.deliver("buyer");
  assert.equal(first?.type, "resolve");
  assert.ok(pair.outcomes.has(callId));
  assert.equal(pair.sent("provider", "propose").length, 0);
});

test("the provider alone proposes, one state at a time, over acknowledged results only", () => {
  const pair = new Pair({ policy: { checkpointCalls: 2 } });
  const ids = Array.from({ length: 7 }, (_, i) => pair.invoke(requestOf(i)));
  while (pair.wire.provider.length > 0) pair.deliver("provider");
  while (pair.executions.length > 0) pair.execute();
  // The buyer has three results; their acknowledgements arrive, its answer to the proposal doesn't.
  for (let i = 0; i < 3; i++) pair.deliver("buyer");
  while (pair.wire.provider.length > 0) pair.deliver("provider");
  const [proposal, ...others] = pair.sent("provider", "propose");
  assert.equal(others.length, 0, "the third acknowledgement brings no second proposal");
  assert.deepEqual(proposal?.callIds, ids.slice(0, 2));
  pair.settle();
  assert.deepEqual(
    pair.sent("provider", "propose").flatMap((propose) => propose.callIds),
    ids,
    "each call is covered once",
  );
  assert.equal(pair.sent("buyer", "propose").length, 0);
});

test("calls in flight never pause for a proposal", () => {
  const pair = new Pair({ policy: { checkpointCalls: 1 } });
  pair.invoke(requestOf(1));
  pair.deliver("provider");
  pair.execute();
  pair.deliver("buyer");
  pair.deliver("provider");
  assert.equal(pair.wire.buyer[0]?.type, "propose");
  const proposal = pair.wire.buyer.shift()!;
  const during = pair.invoke(requestOf(2));
  pair.settle();
  assert.ok(pair.outcomes.has(during), "a call is answered while a proposal is outstanding");
  assert.equal(pair.buyer.creditsUsed, 0n);
  pair.say("buyer", proposal);
  pair.settle();
  assert.equal(pair.buyer.state?.state.invocations, 2n);
});

test("leaf order is the order of callIds in the proposal", () => {
  const pair = new Pair();
  const ids = [1, 2, 3].map((seed) => pair.invoke(requestOf(seed)));
  while (pair.wire.provider.length > 0) pair.deliver("provider");
  pair.executions.reverse();
  pair.settle();
  pair.checkpoint();
  assert.deepEqual(pair.sent("provider", "propose")[0]?.callIds, ids.toReversed());
  assert.deepEqual(
    ids.map((callId) => pair.buyer.receiptFor(callId)?.leafIndex),
    [2, 1, 0],
  );
});

test("invocations are results and breach faults; a fault has no receipt and costs nothing; other faults leave no trace", () => {
  const pair = new Pair();
  const fine = pair.invoke(requestOf(1));
  const crashed = pair.invoke(requestOf(2));
  const refused = pair.invoke(requestOf(3));
  while (pair.wire.provider.length > 0) pair.deliver("provider");
  pair.execute();
  pair.execute({ fault: { code: "wasm/executor-crashed", message: "It died.", breach: true } });
  pair.execute({ fault: { code: "wasm/invalid-module", message: "No module.", breach: false } });
  pair.settle();
  pair.checkpoint();
  const { state } = pair.buyer.state!;
  assert.equal(state.invocations, 2n);
  assert.equal(state.breaches, 1n);
  assert.equal(state.creditsUsed, 101n + 50n);
  assert.notEqual(pair.buyer.receiptFor(fine), null);
  for (const callId of [crashed, refused]) {
    assert.equal(pair.buyer.receiptFor(callId), null);
    assert.equal(pair.outcomes.get(callId)?.type, "fault");
  }
});

test("a result later than the promise is a breach by the buyer's clock, and cheaper where the tariff says so", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(1));
  pair.deliver("provider");
  pair.tick(101);
  pair.settle();
  pair.checkpoint();
  const outcome = pair.outcomes.get(callId)!;
  assert.ok(outcome.type === "result" && outcome.receipt.breached);
  assert.equal(outcome.credits, 101n + 50n - 101n);
  assert.equal(pair.provider.state?.state.breaches, 1n);
});

test("without a promise of latency nothing breaches", () => {
  const pair = new Pair({ terms: { maxLatencyMs: 0 } });
  pair.invoke(requestOf(1), 60_000);
  pair.deliver("provider");
  pair.tick(50_000);
  pair.settle();
  pair.checkpoint();
  assert.equal(pair.provider.state?.state.breaches, 0n);
  assert.equal(pair.provider.state?.state.invocations, 1n);
});

test("each checkpoint trigger brings a state by itself: credits, calls, time", () => {
  for (const [policy, calls, ms] of [
    [{ checkpointCredits: 300n }, 2, 0],
    [{ checkpointCalls: 2 }, 2, 0],
    [{ checkpointMs: 250 }, 1, 251],
  ] as const) {
    const pair = new Pair({ policy });
    for (let i = 0; i < calls; i++) {
      assert.equal(pair.buyer.creditsUsed, 0n);
      pair.invoke(requestOf(100));
      pair.settle();
    }
    pair.tick(ms);
    pair.settle();
    assert.equal(pair.buyer.state?.state.invocations, BigInt(calls), JSON.stringify(Object.keys(policy)));
  }
});

test("the final state covers all that was in flight; after it nothing is admitted", () => {
  const pair = new Pair();
  const ids = [1, 2, 3].map((seed) => pair.invoke(requestOf(seed)));
  pair.do("buyer", pair.buyer.requestClose(pair.nowMs));
  assert.throws(() => pair.invoke(requestOf(4)), { code: "session/closing" });
  pair.settle();
  const { state } = pair.buyer.state!;
  assert.ok(state.isFinal && pair.buyer.closed && pair.provider.closed);
  assert.equal(state.invocations, 3n);
  for (const callId of ids) assert.notEqual(pair.provider.receiptFor(callId), null);
  assert.deepEqual(pair.last("buyer", "closed")?.state, pair.last("provider", "closed")?.state);
  assert.throws(() => pair.invoke(requestOf(4)), { code: "session/closing" });
  const [answer] = pair.say("provider", { type: "invoke", callId: 99, request: requestOf(4), deadlineMs: 1_000 });
  assert.ok(answer?.type === "send" && answer.message.type === "fault" && answer.message.code === "session/closing");
});

test("a session without any call closes with a final state of nothing", () => {
  const pair = new Pair();
  pair.do("buyer", pair.buyer.requestClose(pair.nowMs));
  pair.settle();
  const { seq, creditsUsed, isFinal } = pair.provider.state!.state;
  assert.deepEqual({ seq, creditsUsed, isFinal }, { seq: 1n, creditsUsed: 0n, isFinal: true });
});

test("each side's own signature is durable before it is sent, the other's before it is relied on", () => {
  const pair = new Pair();
  pair.invoke(requestOf(1));
  pair.settle();
  pair.checkpoint();
  const steps = (side: "buyer" | "provider") =>
    pair.effects[side].flatMap((effect) => {
      if (effect.type === "persist") return [`persist ${effect.record.type}`];
      if (effect.type === "send" && ["propose", "accept"].includes(effect.message.type)) return [effect.message.type];
      return effect.type === "cosigned" ? ["cosigned"] : [];
    });
  assert.deepEqual(steps("provider"), ["persist proposed", "propose", "persist accepted", "cosigned"]);
  assert.deepEqual(steps("buyer"), ["persist reserved", "persist cosigned", "accept", "cosigned"]);
});
