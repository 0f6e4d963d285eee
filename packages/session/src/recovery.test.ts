import assert from "node:assert/strict";
import { test } from "node:test";
import { FOREIGN_KEY, OPERATOR_KEY, outcomeOf, requestOf, SESSION_KEY, signState, TERMS } from "./testing/fixtures.ts";
import { Pair } from "./testing/pair.ts";

/** One co-signed state over one call. */
function begun(...variations: ConstructorParameters<typeof Pair>): Pair {
  const pair = new Pair(...variations);
  pair.invoke(requestOf(1));
  pair.settle();
  pair.checkpoint();
  return pair;
}

test("a call under way when the connection breaks is sent anew and answered once", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(1));
  pair.detach();
  pair.attach();
  pair.settle();
  assert.equal(pair.outcomes.get(callId)?.type, "result");
  assert.equal(pair.effects.buyer.filter((effect) => effect.type === "resolve").length, 1);
});

test("a call invoked while detached runs on the next connection, with the deadline that is left", () => {
  const pair = new Pair();
  pair.detach();
  const callId = pair.invoke(requestOf(1), 1_000);
  assert.equal(pair.wire.provider.length, 0);
  pair.tick(400);
  pair.attach();
  assert.equal(pair.sent("buyer", "invoke")[0]?.deadlineMs, 600);
  pair.settle();
  assert.equal(pair.outcomes.get(callId)?.type, "result");
});

test("a repeated call id gets the known result again while it is held, and is charged once", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(1));
  pair.deliver("provider");
  pair.execute();
  pair.detach();
  pair.attach();
  pair.settle();
  assert.equal(pair.outcomes.get(callId)?.type, "result");
  assert.equal(pair.effects.provider.filter((effect) => effect.type === "execute").length, 1);
  pair.checkpoint();
  assert.equal(pair.buyer.state?.state.invocations, 1n);
});

test("a repeated call id runs again when its result is gone, and is charged once", () => {
  const pair = begun();
  const before = pair.buyer.creditsUsed;
  pair.say("provider", { type: "invoke", callId: 1, request: requestOf(1), deadlineMs: 1_000 });
  pair.settle();
  assert.equal(pair.sent("provider", "result").length, 2);
  assert.equal(pair.provider.writtenOff, 101n + 50n, "the provider holds the unpaid work against the buyer at once");
  assert.equal(pair.provider.inFlight, 0);
  pair.checkpoint();
  assert.equal(pair.buyer.creditsUsed, before);
});

test("another request under a call id that is in use is refused", () => {
  const pair = new Pair();
  pair.invoke(requestOf(1));
  pair.deliver("provider");
  const [answer] = pair.say("provider", { type: "invoke", callId: 1, request: requestOf(2), deadlineMs: 1_000 });
  assert.ok(answer?.type === "send" && answer.message.type === "fault");
  assert.equal(answer.message.code, "session/call-id-reused");
});

test("a lost proposal is sent again as it was", () => {
  const pair = new Pair();
  pair.invoke(requestOf(1));
  pair.settle();
  pair.tick(pair.provider.policy.checkpointMs);
  pair.detach();
  pair.attach();
  pair.settle();
  const [first, second] = pair.sent("provider", "propose");
  assert.deepEqual(second, first);
  assert.deepEqual(pair.buyer.state, pair.provider.state);
});

test("a lost acceptance is adopted from what the buyer shows", () => {
  const pair = new Pair();
  pair.invoke(requestOf(1));
  pair.settle();
  pair.tick(pair.provider.policy.checkpointMs);
  pair.deliver("buyer");
  pair.detach();
  assert.equal(pair.provider.creditsUsed, 0n);
  pair.attach();
  assert.deepEqual(pair.provider.state, pair.buyer.state);
  assert.equal(pair.provider.exposure, 0n);
});

for (const side of ["buyer", "provider"] as const) {
  test(`a ${side} restored from its journal resumes at the last co-signed state and goes on`, () => {
    const pair = begun();
    const { state } = pair[side];
    pair.restart(side);
    assert.deepEqual(pair[side].state, state);
    pair.attach();
    const callId = pair.invoke(requestOf(2));
    pair.settle();
    pair.checkpoint();
    assert.equal(pair.outcomes.get(callId)?.type, "result");
    assert.equal(pair.buyer.state?.state.invocations, 2n);
    assert.deepEqual(pair.buyer.state, pair.provider.state);
    assert.notEqual(pair[side].receiptFor(1), null, "receipts from before stay provable");
  });

  test(`a ${side} whose journal lost a state that it signed is found out by the other side`, () => {
    const pair = begun();
    const { state } = pair.buyer;
    const lost = pair.journal[side].length - pair.journal[side].findIndex(({ type }) => /cosigned|proposed/.test(type));
    pair.restart(side, lost);
    assert.equal(pair[side].state, null);
    pair.attach();
    const other = side === "buyer" ? "provider" : "buyer";
    assert.equal(pair[other].halted?.code, "session/rolled-back");
    assert.equal(pair[side].halted?.code, "session/rolled-back");
    assert.deepEqual(pair[side].state, state, "it adopts the newer state, to settle at");
    pair.restart(side);
    assert.deepEqual(pair[side].state, state, "and keeps it");
    assert.throws(() => pair.invoke(requestOf(2)), { code: "session/halted" });
  });
}

test("a provider restored with its proposal outstanding sends that proposal, not another one", () => {
  const pair = new Pair();
  pair.invoke(requestOf(1));
  pair.settle();
  pair.tick(pair.provider.policy.checkpointMs);
  pair.restart("provider");
  pair.attach();
  pair.settle();
  const [first, second] = pair.sent("provider", "propose");
  assert.deepEqual(second, first);
  assert.deepEqual(pair.buyer.state, pair.provider.state);
});

test("what the provider forgot in a crash is waived, not charged and not held against the buyer", () => {
  const pair = new Pair();
  pair.invoke(requestOf(1));
  pair.settle();
  pair.restart("provider", 1);
  assert.notEqual(pair.buyer.exposure, 0n);
  pair.attach();
  pair.settle();
  assert.equal(pair.buyer.exposure, 0n);
  pair.checkpoint();
  assert.equal(pair.provider.state, null);
});

test("what the buyer forgot in a crash is left out of a new state under a new number, and stays in the exposure", () => {
  const pair = new Pair();
  pair.invoke(requestOf(1));
  pair.settle();
  pair.restart("buyer", 1);
  pair.attach();
  const known = pair.invoke(requestOf(2));
  pair.settle();
  pair.checkpoint();
  assert.equal(pair.sent("buyer", "reject")[0]?.code, "session/unknown-calls");
  assert.deepEqual(
    pair.sent("provider", "propose").map((propose) => [propose.state.seq, propose.callIds]),
    [
      [1n, [1, known]],
      [2n, [known]],
    ],
  );
  assert.equal(pair.buyer.state?.state.seq, 2n);
  assert.equal(pair.provider.exposure, 101n + 50n);
  assert.equal(pair.provider.halted, null);
});

test("call ids keep increasing over a crash, in whatever place it comes", () => {
  const pair = new Pair();
  let newest = 0;
  for (let life = 0; life < 4; life++) {
    for (let i = 0; i < 3; i++) {
      const callId = pair.invoke(requestOf(i));
      assert.ok(callId > newest);
      newest = callId;
    }
    pair.settle();
    pair.restart("buyer");
    pair.attach();
  }
});

test("a result that a crashed buyer will never acknowledge is written off in time, so that the session can close", () => {
  const pair = new Pair({ policy: { ackTimeoutMs: 5_000 } });
  pair.invoke(requestOf(1));
  pair.deliver("provider");
  pair.restart("buyer");
  pair.attach();
  pair.settle();
  pair.do("buyer", pair.buyer.requestClose(pair.nowMs));
  pair.settle();
  assert.ok(!pair.provider.closed);
  pair.tick(5_001);
  pair.settle();
  assert.ok(pair.provider.closed);
  assert.equal(pair.provider.creditsUsed, 0n);
  assert.equal(pair.provider.writtenOff, 101n + 50n);
});

test("a breach whose message was lost is told when the call is sent anew, and covered once", () => {
  const pair = new Pair();
  pair.invoke(requestOf(1));
  pair.deliver("provider");
  pair.execute({ fault: { code: "wasm/executor-crashed", message: "It died.", breach: true } });
  pair.detach();
  pair.attach();
  pair.settle();
  assert.equal(pair.outcomes.get(1)?.type, "fault");
  pair.checkpoint();
  assert.equal(pair.buyer.state?.state.breaches, 1n);
});

test("a breach that only the provider remembers is covered; one that it lost itself is not insisted upon", () => {
  for (const side of ["buyer", "provider"] as const) {
    const pair = new Pair();
    pair.invoke(requestOf(1));
    pair.deliver("provider");
    pair.execute({ fault: { code: "wasm/executor-crashed", message: "It died.", breach: true } });
    pair.deliver("buyer");
    pair.restart(side, side === "provider" ? 1 : 0);
    pair.attach();
    for (let seed = 2; seed < 5; seed++) {
      pair.invoke(requestOf(seed));
      pair.settle();
      pair.checkpoint();
    }
    assert.equal(pair.buyer.state?.state.seq, 3n);
    assert.equal(pair.buyer.state?.state.breaches, side === "buyer" ? 1n : 0n);
  }
});

test("latency counts from the last time that a call was sent, duration from the first", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(1), 60_000);
  pair.deliver("provider");
  pair.detach();
  pair.tick(30_000);
  pair.execute({ outcome: outcomeOf(requestOf(1)), durationMs: 29_000 });
  pair.attach();
  pair.tick(40);
  pair.settle();
  const outcome = pair.outcomes.get(callId);
  assert.ok(outcome?.type === "result");
  assert.equal(outcome.receipt.usage.latencyMs, 40);
  assert.equal(outcome.receipt.usage.durationMs, 29_000);
  assert.equal(pair.provider.halted, null);
});

test("a call withdrawn while detached is not sent anew", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(1));
  pair.detach();
  pair.do("buyer", pair.buyer.cancel(callId));
  pair.attach();
  pair.settle();
  assert.equal(pair.sent("provider", "result").length, 0);
  assert.equal(pair.buyer.inFlight, 0);
});

test("a half-signed state shown by the buyer proves nothing to the provider", () => {
  const pair = begun();
  pair.detach();
  const half = { ...pair.provider.state!, sessionKeySig: null, receipts: [] };
  pair.do("provider", pair.provider.attach({ full: null, half }, pair.nowMs));
  assert.equal(pair.provider.halted?.code, "session/rolled-back");
});

test("another full state under the newest number is a rollback of whoever signed both, and is not adopted", () => {
  for (const side of ["buyer", "provider"] as const) {
    const pair = begun();
    const { state } = pair[side];
    pair.detach();
    const other = { ...state!.state, creditsUsed: 1n };
    const full = {
      state: other,
      operatorSig: signState(OPERATOR_KEY, other),
      sessionKeySig: signState(SESSION_KEY, other),
    };
    pair.do(side, pair[side].attach({ full, half: null }, pair.nowMs));
    assert.equal(pair[side].halted?.code, "session/rolled-back");
    assert.deepEqual(pair[side].state, state);
  }
});

test("a halted provider still takes the signature under what it proposed; a halted buyer gives none", () => {
  for (const side of ["buyer", "provider"] as const) {
    const pair = new Pair();
    pair.invoke(requestOf(1));
    pair.settle();
    pair.tick(pair.provider.policy.checkpointMs);
    const wrong = {
      type: side === "buyer" ? "cancel" : "fault",
      callId: 9,
      code: "",
      message: "",
      breach: false,
    } as const;
    pair.say(side, wrong);
    assert.notEqual(pair[side].halted, null);
    pair.settle();
    assert.equal(pair.provider.state?.state.seq, side === "buyer" ? undefined : 1n);
  }
});

test("closing survives a crash of either side", () => {
  for (const side of ["buyer", "provider"] as const) {
    const pair = begun();
    pair.do("buyer", pair.buyer.requestClose(pair.nowMs));
    pair.restart(side);
    pair.attach();
    pair.settle();
    assert.ok(pair.buyer.closed && pair.provider.closed, side);
  }
});

test("a halt survives a crash", () => {
  const pair = begun();
  pair.say("provider", { type: "fault", callId: 1, code: "x", message: "x", breach: false });
  assert.equal(pair.provider.halted?.code, "session/out-of-order");
  pair.restart("provider");
  assert.equal(pair.provider.halted?.code, "session/out-of-order");
});

test("newest states with foreign signatures are refused and end the session at the last good state", () => {
  for (const side of ["buyer", "provider"] as const) {
    const pair = begun();
    const { state } = pair.buyer;
    pair.detach();
    const forged = { ...state!.state, seq: 9n, creditsUsed: 1n };
    const shown = {
      state: forged,
      operatorSig: signState(OPERATOR_KEY, forged),
      sessionKeySig: signState(SESSION_KEY, forged),
    };
    if (side === "buyer") shown.sessionKeySig = signState(FOREIGN_KEY, forged);
    else shown.operatorSig = signState(FOREIGN_KEY, forged);
    pair.do(side, pair[side].attach({ full: shown, half: null }, pair.nowMs));
    assert.equal(pair[side].halted?.code, "session/foreign-key");
    assert.deepEqual(pair[side].state, state);
  }
});

test("a key other than the session's is refused at once", () => {
  assert.throws(() => new Pair({ terms: { operator: TERMS.sessionKey } }), { code: "session/wrong-key" });
});

test("a journal that contradicts itself restores nothing", () => {
  const pair = begun();
  pair.journal.buyer.splice(
    pair.journal.buyer.findIndex(({ type }) => type === "receipt"),
    1,
  );
  assert.throws(() => pair.restart("buyer"), { code: "session/journal-corrupt" });
});
