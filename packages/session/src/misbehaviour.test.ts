import assert from "node:assert/strict";
import { test } from "node:test";
import { type ExecutionOutcome, type Propose, STATUS } from "@demec/protocol";
import { FOREIGN_KEY, OPERATOR_KEY, outcomeOf, requestOf, signState } from "./testing/fixtures.ts";
import { Pair } from "./testing/pair.ts";

/** Two calls acknowledged, and the provider's honest proposal over them held back. */
function proposed(...variations: ConstructorParameters<typeof Pair>): { pair: Pair; proposal: Propose } {
  const pair = new Pair(...variations);
  pair.invoke(requestOf(1));
  pair.invoke(requestOf(2));
  pair.settle();
  pair.tick(pair.provider.policy.checkpointMs);
  const proposal = pair.wire.buyer.shift();
  assert.ok(proposal?.type === "propose");
  return { pair, proposal };
}

function resigned(proposal: Propose, changes: Partial<Propose["state"]>): Propose {
  const state = { ...proposal.state, ...changes };
  return { ...proposal, state, operatorSig: signState(OPERATOR_KEY, state) };
}

function assertRefused(pair: Pair, code: string, halts: boolean): void {
  assert.equal(pair.sent("buyer", "reject").at(-1)?.code, code);
  assert.equal(pair.sent("buyer", "accept").length, 0);
  assert.equal(pair.buyer.state, null);
  assert.equal(pair.buyer.halted?.code ?? null, halts ? code : null);
}

for (const [what, changes] of [
  ["credits", { creditsUsed: 304n }],
  ["invocations", { invocations: 3n }],
  ["breaches", { breaches: 1n }],
  ["a root", { receiptsRoot: `0x${"00".repeat(32)}` }],
  ["a session", { sessionId: `0x${"11".repeat(32)}` }],
] as const) {
  test(`the buyer signs no state with ${what} other than what it computed itself, and halts`, () => {
    const { pair, proposal } = proposed();
    pair.say("buyer", resigned(proposal, changes));
    assertRefused(pair, "session/state-mismatch", true);
  });
}

test("the buyer signs no state with its leaves in another order than said", () => {
  const { pair, proposal } = proposed();
  pair.say("buyer", { ...proposal, callIds: proposal.callIds.toReversed() });
  assertRefused(pair, "session/state-mismatch", true);
});

test("the buyer signs no state that covers a call twice", () => {
  const { pair, proposal } = proposed();
  pair.say("buyer", { ...proposal, callIds: [1, 1] });
  assertRefused(pair, "session/state-mismatch", true);
});

test("the buyer signs no state that covers again what one covers already", () => {
  const { pair, proposal } = proposed();
  pair.say("buyer", proposal);
  const again = resigned(proposal, { seq: 2n, creditsUsed: proposal.state.creditsUsed * 2n, invocations: 4n });
  pair.say("buyer", again);
  assert.equal(pair.sent("buyer", "reject").at(-1)?.code, "session/unknown-calls");
  assert.equal(pair.buyer.state?.state.seq, 1n);
});

test("the buyer signs no state over calls that it never made", () => {
  const { pair, proposal } = proposed();
  pair.say("buyer", { ...proposal, callIds: [...proposal.callIds, 77] });
  assertRefused(pair, "session/unknown-calls", false);
  pair.say("buyer", { ...proposal, faultIds: [70_000] });
  assertRefused(pair, "session/unknown-calls", false);
});

test("the buyer believes no breach in a call that is open, or whose result it acknowledged", () => {
  const { pair, proposal } = proposed();
  const open = pair.invoke(requestOf(3));
  for (const callId of [open, 1]) {
    const claim = { invocations: 3n, breaches: 1n };
    pair.say("buyer", resigned({ ...proposal, faultIds: [callId] }, claim));
    assertRefused(pair, callId === open ? "session/unknown-calls" : "session/state-mismatch", callId === 1);
  }
  const later = proposed();
  later.pair.say("buyer", later.proposal);
  later.pair.say("buyer", resigned({ ...later.proposal, callIds: [], faultIds: [1] }, { seq: 2n }));
  assert.equal(later.pair.sent("buyer", "reject").at(-1)?.code, "session/unknown-calls");
});

test("the buyer signs no state that a foreign key signed, and halts", () => {
  const { pair, proposal } = proposed();
  pair.say("buyer", { ...proposal, operatorSig: signState(FOREIGN_KEY, proposal.state) });
  assertRefused(pair, "session/foreign-key", true);
});

test("the buyer signs no state with a garbage signature, and halts", () => {
  for (const garbage of ["0x", `0x${"ff".repeat(65)}`, "not even hexadecimal"]) {
    const { pair, proposal } = proposed();
    pair.say("buyer", { ...proposal, operatorSig: garbage as `0x${string}` });
    assertRefused(pair, "session/foreign-key", true);
  }
});

test("a replayed or stale state is refused; the newest one, repeated, is accepted with the same signature", () => {
  const { pair, proposal } = proposed();
  pair.say("buyer", proposal);
  pair.say("buyer", proposal);
  const [first, second] = pair.sent("buyer", "accept");
  assert.deepEqual(first, second);
  pair.say("buyer", resigned(proposal, { creditsUsed: 0n }));
  assert.equal(pair.sent("buyer", "reject").at(-1)?.code, "session/replayed-state");
  pair.settle();
  pair.invoke(requestOf(3));
  pair.settle();
  pair.checkpoint();
  pair.say("buyer", proposal);
  assert.equal(pair.sent("buyer", "reject").at(-1)?.code, "session/replayed-state");
  assert.equal(pair.buyer.state?.state.seq, 2n);
});

test("the buyer signs no final state that it didn't ask for", () => {
  const { pair, proposal } = proposed();
  pair.say("buyer", resigned(proposal, { isFinal: true }));
  assertRefused(pair, "session/not-closing", false);
});

test("a breach that the buyer was told can be left out of one state, which may have crossed it, but of no second one", () => {
  const pair = new Pair({ policy: { checkpointCalls: 1 } });
  pair.say("buyer", { type: "fault", callId: 0, code: "wasm/executor-crashed", message: "It died.", breach: true });
  pair.invoke(requestOf(1));
  pair.settle();
  assert.equal(pair.buyer.state?.state.seq, 1n);
  pair.invoke(requestOf(2));
  pair.settle();
  assert.equal(pair.sent("buyer", "reject")[0]?.code, "session/missing-breach");
  assert.equal(pair.buyer.state?.state.seq, 1n);
});

test("a result beyond its limits or of no known status is neither paid nor delivered; the buyer halts", () => {
  const request = requestOf(1, { outputBytes: 4 });
  const good = outcomeOf(request);
  const claims: Partial<ExecutionOutcome>[] = [
    { bitOps: 1_001n },
    { floatOps: 1n },
    { bitOps: -1n },
    { output: new Uint8Array(5) },
    { stderr: new Uint8Array(2) },
    { status: 99 as never },
    { exitCode: 1 },
    { status: STATUS.exitCode, exitCode: 0 },
    { status: STATUS.unreachable },
  ];
  for (const claim of claims) {
    const pair = new Pair();
    const callId = pair.invoke(request);
    pair.deliver("provider");
    pair.say("buyer", { type: "result", callId, durationMs: 0, ...good, ...claim });
    assert.equal(pair.buyer.halted?.code, "session/implausible-usage", JSON.stringify(Object.keys(claim)));
    assert.equal(pair.sent("buyer", "ack").length, 0);
    const outcome = pair.outcomes.get(callId);
    assert.ok(outcome?.type === "fault" && outcome.code === "session/halted");
  }
});

test("a duration longer than the buyer waited, or than the deadline, is implausible", () => {
  for (const [waitedMs, deadlineMs, durationMs] of [
    [10, 1_000, 12],
    [600, 500, 501],
  ] as const) {
    const pair = new Pair();
    const callId = pair.invoke(requestOf(1), deadlineMs);
    pair.tick(waitedMs);
    pair.say("buyer", { type: "result", callId, ...outcomeOf(requestOf(1)), durationMs });
    assert.equal(pair.buyer.halted?.code, "session/implausible-usage");
  }
});

test("the provider's own executor can't make it claim what the limits forbid: the call ends in a fault", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(1));
  pair.deliver("provider");
  pair.execute({ outcome: { ...outcomeOf(requestOf(1)), bitOps: 1_001n }, durationMs: 1 });
  pair.settle();
  const outcome = pair.outcomes.get(callId);
  assert.ok(outcome?.type === "fault" && outcome.breach && outcome.code === "session/executor-misreport");
  assert.equal(pair.buyer.halted, null);
});

for (const [what, ack] of [
  ["a latency longer than call and acknowledgement were apart", { latencyMs: 5_052, breached: true }],
  ["a breach that its latency isn't", { latencyMs: 100, breached: true }],
  ["no breach where its latency is one", { latencyMs: 101, breached: false }],
  ["a latency that is no uint32", { latencyMs: 0.5, breached: false }],
] as const) {
  test(`an acknowledgement with ${what} ends the session at its last state`, () => {
    const pair = new Pair();
    const callId = pair.invoke(requestOf(1));
    pair.deliver("provider");
    pair.execute();
    pair.tick(51);
    pair.say("provider", { type: "ack", callId, pingMs: 0, ...ack });
    assert.equal(pair.provider.halted?.code, "session/implausible-latency");
    assert.equal(pair.provider.state, null);
  });
}

test("no acknowledgement can charge more than the worst case that was admitted", () => {
  const tariff = { a: 0n, b: 0n, c: 0n, d: 0n, e: 1_000n, f: 1_000n };
  for (const ack of [
    { latencyMs: 2_001, pingMs: 0 },
    { latencyMs: 0, pingMs: 2_001 },
  ]) {
    const pair = new Pair({ terms: { tariff, maxLatencyMs: 0 }, policy: { maxPingMs: 1_000_000 } });
    const callId = pair.invoke(requestOf(1), 1_000);
    pair.deliver("provider");
    pair.execute();
    pair.nowMs += 2_500;
    pair.say("provider", { type: "ack", callId, breached: false, ...ack });
    assert.equal(pair.provider.halted?.code, "session/implausible-latency");
  }
});

test("an acknowledgement before its result breaks the protocol", () => {
  const pair = new Pair();
  const callId = pair.invoke(requestOf(1));
  pair.deliver("provider");
  pair.say("provider", { type: "ack", callId, latencyMs: 0, pingMs: 0, breached: false });
  assert.equal(pair.provider.halted?.code, "session/out-of-order");
});

test("a garbage acceptance ends the session at its last state; an acceptance of nothing changes nothing", () => {
  const { pair } = proposed();
  assert.deepEqual(pair.say("provider", { type: "accept", seq: 9n, sessionKeySig: "0x" }), []);
  pair.say("provider", {
    type: "accept",
    seq: 1n,
    sessionKeySig: signState(FOREIGN_KEY, pair.provider.newest().half!.state),
  });
  assert.equal(pair.provider.halted?.code, "session/foreign-key");
  assert.equal(pair.provider.state, null);
});

test("a buyer that signs nothing gets no more than maxUnsignedCredits of work", () => {
  const maxUnsignedCredits = 5_000n;
  const pair = new Pair({}, { provider: { policy: { maxUnsignedCredits, checkpointCalls: 1 } } });
  let delivered = 0n;
  for (let i = 0; i < 200; i++) {
    pair.invoke(requestOf(255));
    while (pair.wire.provider.length > 0) pair.deliver("provider");
    if (pair.executions.length > 0) pair.execute();
    // The proposal is dropped: neither an acceptance nor a refusal comes back.
    pair.wire.buyer = pair.wire.buyer.filter((message) => message.type !== "propose");
    while (pair.wire.buyer.length > 0) {
      const result = pair.wire.buyer[0];
      if (result?.type === "result") delivered += 355n + 50n;
      pair.deliver("buyer");
    }
    assert.ok(pair.provider.exposure <= maxUnsignedCredits);
  }
  assert.ok(delivered > 0n && delivered <= maxUnsignedCredits);
  assert.equal(pair.sent("provider", "fault").at(-1)?.code, "session/exposure-exceeded");
});

test("a buyer that acknowledges nothing gets no more than maxUnsignedCredits of work, over timeouts too", () => {
  const maxUnsignedCredits = 5_000n;
  const pair = new Pair({}, { provider: { policy: { maxUnsignedCredits, ackTimeoutMs: 10 } } });
  for (let callId = 1; callId < 100; callId++) {
    pair.say("provider", { type: "invoke", callId, request: requestOf(255), deadlineMs: 1_000 });
    if (pair.executions.length > 0) pair.execute();
    pair.tick(11);
    assert.ok(pair.provider.exposure <= maxUnsignedCredits);
  }
  const results = BigInt(pair.sent("provider", "result").length);
  assert.ok(results > 0n && results * (355n + 50n) <= maxUnsignedCredits);
});

test("a buyer that withdraws what it acknowledged gets no more than maxUnsignedCredits of work", () => {
  const maxUnsignedCredits = 5_000n;
  const pair = new Pair({}, { provider: { policy: { maxUnsignedCredits } } });
  for (let i = 0; i < 100; i++) {
    const callId = pair.invoke(requestOf(255));
    pair.settle();
    pair.say("provider", { type: "cancel", callId });
    assert.ok(pair.provider.exposure <= maxUnsignedCredits);
  }
  assert.ok(pair.sent("provider", "fault").some(({ code }) => code === "session/exposure-exceeded"));
});

test("a call disowned while a proposal is outstanding is written off, whatever becomes of the proposal", () => {
  for (const accepts of [true, false]) {
    const { pair, proposal } = proposed();
    const callId = pair.invoke(requestOf(3));
    pair.settle();
    pair.say("provider", { type: "cancel", callId });
    if (accepts) pair.say("buyer", proposal);
    else pair.say("provider", { type: "reject", seq: 1n, code: "", message: "" });
    while (pair.wire.provider.length > 0) pair.deliver("provider");
    assert.equal(pair.provider.writtenOff, 103n + 50n);
  }
});

test("a buyer that refuses states without a reason ends the session after maxRejections", () => {
  const pair = new Pair({ policy: { maxRejections: 3 } });
  pair.invoke(requestOf(1));
  pair.settle();
  for (let i = 0; i < 3; i++) {
    assert.equal(pair.provider.halted?.code ?? null, null);
    pair.tick(pair.provider.policy.checkpointMs);
    const { state } = pair.sent("provider", "propose").at(-1)!;
    assert.equal(state.seq, BigInt(i + 1), "a renegotiated state takes a new number");
    pair.wire.buyer.length = 0;
    pair.say("provider", { type: "reject", seq: state.seq, code: "no", message: "No." });
  }
  assert.equal(pair.provider.halted?.code, "session/refused-to-sign");
});

test("messages of the wrong direction end the session; messages on no connection are nothing", () => {
  const pair = new Pair();
  pair.detach();
  assert.deepEqual(pair.say("buyer", { type: "closeRequest" }), []);
  assert.deepEqual(pair.say("provider", { type: "closeRequest" }), []);
  pair.attach();
  pair.say("buyer", { type: "closeRequest" });
  pair.say("provider", { type: "result", callId: 1, durationMs: 0, ...outcomeOf(requestOf(1)) });
  assert.equal(pair.buyer.halted?.code, "session/out-of-order");
  assert.equal(pair.provider.halted?.code, "session/out-of-order");
});

test("a halt answers every open call and is told once", () => {
  for (const side of ["buyer", "provider"] as const) {
    const pair = new Pair();
    const ids = [1, 2].map((seed) => pair.invoke(requestOf(seed)));
    pair.deliver("provider");
    const wrong = {
      type: side === "buyer" ? "cancel" : "fault",
      callId: 1,
      code: "",
      message: "",
      breach: false,
    } as const;
    pair.say(side, wrong);
    pair.settle();
    for (const callId of ids) assert.equal(pair.outcomes.get(callId)?.type, "fault");
    pair.say(side, wrong);
    assert.equal(pair.effects[side].filter((effect) => effect.type === "halt").length, 1);
  }
});
