import assert from "node:assert/strict";
import { type TestContext, test } from "node:test";
import { until } from "@demec/protocol/testing";
import type { ExposurePolicy } from "@demec/session";
import { MemoryJournal } from "@demec/session";
import { Counterparty, paidSession, requestOf } from "./testing/counterparty.ts";

const DEADLINE = { deadlineMs: 5_000 };
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

async function attached(
  t: TestContext,
  {
    provider = new Counterparty(),
    journal = new MemoryJournal(),
    exposure,
  }: { provider?: Counterparty; journal?: MemoryJournal; exposure?: Partial<ExposurePolicy> } = {},
) {
  const session = await paidSession(provider, { journal, ...(exposure && { exposure }) });
  t.after(async () => {
    await session.release();
    await provider.stop();
  });
  await session.reattach();
  return { provider, session };
}

test("calls are answered with what the function gave, and each is charged what its receipt says", async (t) => {
  const { session, provider } = await attached(t);
  const inputs = Array.from({ length: 50 }, (_, i) => `call number ${i}`);
  const results = await Promise.all(inputs.map((input) => session.invoke(requestOf(input), DEADLINE)));
  assert.deepEqual(
    results.map(({ output }) => text(output)),
    inputs,
  );
  const final = await session.finalise(5_000);
  const charged = results.reduce((sum, { credits }) => sum + credits, 0n);
  assert.equal(final.state.creditsUsed, charged);
  assert.equal(final.state.invocations, 50n);
  await until("the session is closed", () => provider.engine.closed);
  assert.deepEqual(provider.engine.state, final);
});

test("an output is the caller's own: writing to it changes no other", async (t) => {
  const { session } = await attached(t);
  const [first, second] = await Promise.all(
    ["aaaa", "bbbb"].map((input) => session.invoke(requestOf(input), DEADLINE)),
  );
  new Uint8Array(first!.output.buffer).fill(0);
  assert.equal(text(second!.output), "bbbb");
});

test("calls beyond the exposure wait their turn and all of them are answered", async (t) => {
  const { session } = await attached(t, { exposure: { maxUnsignedCredits: 3_000n } });
  const results = await Promise.all(Array.from({ length: 30 }, (_, i) => session.invoke(requestOf(`${i}`), DEADLINE)));
  assert.deepEqual(
    results.map(({ output }) => text(output)),
    Array.from({ length: 30 }, (_, i) => `${i}`),
  );
});

test("a call that is withdrawn rejects with the caller's reason: before it starts, while it waits, while it runs", async (t) => {
  const { session, provider } = await attached(t, { exposure: { maxUnsignedCredits: 2_000n } });
  provider.answers = false;
  const reason = new Error("changed my mind");
  await assert.rejects(session.invoke(requestOf("0"), { ...DEADLINE, signal: AbortSignal.abort(reason) }), reason);
  const abort = new AbortController();
  const running = ["1", "2"].map((input) => session.invoke(requestOf(input), { ...DEADLINE, signal: abort.signal }));
  const behind = session.invoke(requestOf("3"), DEADLINE);
  const waiting = session.invoke(requestOf("4"), { ...DEADLINE, signal: abort.signal });
  abort.abort(reason);
  for (const call of [...running, waiting]) await assert.rejects(call, reason);
  provider.answers = true;
  assert.equal(text((await behind).output), "3");
});

test("a call waits for room no longer than its deadline, though others before it do", async (t) => {
  const { session, provider } = await attached(t, { exposure: { maxUnsignedCredits: 1_000n } });
  provider.answers = false;
  const running = session.invoke(requestOf("1"), DEADLINE);
  const patient = session.invoke(requestOf("2"), DEADLINE);
  await assert.rejects(session.invoke(requestOf("3"), { deadlineMs: 100 }), { code: "session/exposure-exceeded" });
  provider.answers = true;
  provider.answer(provider.asked[0]!.callId);
  assert.deepEqual(
    (await Promise.all([running, patient])).map(({ output }) => text(output)),
    ["1", "2"],
  );
});

test("what no message could carry is refused before anything is sent, even as the first call, and harms no other", async (t) => {
  const { session, provider } = await attached(t);
  const huge = { ...requestOf(""), input: new Uint8Array(2 ** 24) };
  await assert.rejects(session.invoke(huge, DEADLINE), { code: "protocol/frame-too-large" });
  await assert.rejects(session.invoke(requestOf("", { outputBytes: 2 ** 25 }), DEADLINE), {
    code: "protocol/out-of-range",
  });
  assert.deepEqual([session.lost, session.engine.inFlight, provider.asked.length], [null, 0, 0]);
  assert.equal(text((await session.invoke(requestOf("fine"), DEADLINE)).output), "fine");
});

test("a connection that breaks is replaced, and calls under way are answered once", async (t) => {
  const { session, provider } = await attached(t);
  provider.answers = false;
  const calls = ["1", "2", "3"].map((input) => session.invoke(requestOf(input), DEADLINE));
  await until("three calls are there", () => provider.asked.length === 3);
  provider.cut();
  await until("it has come again", () => provider.connections === 2);
  for (const { callId } of [...provider.asked]) provider.answer(callId);
  assert.deepEqual(
    (await Promise.all(calls)).map(({ output }) => text(output)),
    ["1", "2", "3"],
  );
  assert.equal((await session.finalise(5_000)).state.invocations, 3n);
});

test("a provider that refuses the reconnect is lost: calls under way and later ones are told", async (t) => {
  const { session, provider } = await attached(t);
  provider.answers = false;
  const call = session.invoke(requestOf("1"), DEADLINE);
  await until("the call is there", () => provider.asked.length === 1);
  provider.refuses = "provider/session-not-open";
  provider.cut();
  await assert.rejects(call, { code: "sdk/provider-lost" });
  await assert.rejects(session.invoke(requestOf("2"), DEADLINE), { code: "sdk/provider-lost" });
  await assert.rejects(session.finalise(1_000), { code: "sdk/provider-lost" });
});

test("calls that are taken elsewhere are not charged here, and one that came from elsewhere stays", async (t) => {
  const { session, provider } = await attached(t, { provider: new Counterparty({ ackTimeoutMs: 200 }) });
  provider.answers = false;
  const moved = session.invoke(requestOf("1"), DEADLINE);
  const stays = session.invoke(requestOf("2"), { ...DEADLINE, steadfast: true });
  await until("both calls are there", () => provider.asked.length === 2);
  session.yieldCalls();
  await assert.rejects(moved, { code: "sdk/provider-suspected" });
  for (const { callId } of [...provider.asked]) provider.answer(callId);
  assert.equal(text((await stays).output), "2");
  provider.answers = true;
  assert.equal((await session.finalise(5_000)).state.invocations, 1n);
});

test("a provider that is away for a while is taken up again: calls are told meanwhile, and go on afterwards", async (t) => {
  const { session, provider } = await attached(t);
  provider.answers = false;
  const call = session.invoke(requestOf("1"), DEADLINE);
  await until("the call is there", () => provider.asked.length === 1);
  provider.refuses = "provider/stops";
  provider.cut();
  await assert.rejects(call, { code: "sdk/provider-lost" });
  assert.deepEqual([session.ready, session.attached, session.lost], [false, false, null]);
  assert.ok(session.absentMs > 0);
  await assert.rejects(session.invoke(requestOf("2"), DEADLINE), { code: "sdk/provider-lost" });
  provider.refuses = null;
  provider.answers = true;
  await until("it is ready", () => session.ready);
  assert.equal(session.absentMs, 0);
  assert.equal(text((await session.invoke(requestOf("3"), DEADLINE)).output), "3");
  assert.equal((await session.finalise(5_000)).state.invocations, 1n);
});

test("a session that the provider serves no more is over at once, for calls under way too", async (t) => {
  const { session, provider } = await attached(t);
  provider.answers = false;
  const call = session.invoke(requestOf("1"), DEADLINE);
  await until("the call is there", () => provider.asked.length === 1);
  provider.end();
  await assert.rejects(call, {
    code: "sdk/session-ended",
    details: { code: "provider/session-not-open", regarding: "attach" },
  });
  assert.equal(provider.connections, 1);
});

test("a released session rejects what waits, and leaves its connection", async (t) => {
  const { session, provider } = await attached(t);
  provider.answers = false;
  const call = session.invoke(requestOf("1"), DEADLINE);
  const rejected = assert.rejects(call, { code: "sdk/session-released" });
  await session.release();
  await rejected;
  await until("it has gone", () => !provider.attached);
  await session.release();
  await assert.rejects(session.reattach(), { code: "sdk/session-released" });
});

test("a later process takes the session up by its journal, with the same receipts, and its final state too", async (t) => {
  const provider = new Counterparty();
  const journal = new MemoryJournal();
  const first = await attached(t, { provider, journal });
  const { callId } = await first.session.invoke(requestOf("before"), DEADLINE);
  const proven = await first.session.prove(callId);
  await first.session.release();

  const second = await attached(t, { provider, journal });
  const kept = await second.session.prove(callId);
  assert.deepEqual([kept.receipt, kept.leafIndex], [proven.receipt, proven.leafIndex]);
  const next = await second.session.invoke(requestOf("after"), DEADLINE);
  assert.ok(next.callId > callId);
  const final = await second.session.finalise(5_000);
  assert.equal(final.state.invocations, 2n);
  await second.session.release();

  const third = await attached(t, { provider, journal });
  assert.deepEqual(await third.session.finalise(10), final);
});

test("a state that should come and does not is named, not waited for for ever", async (t) => {
  const never = { checkpointMs: 60_000, checkpointCalls: 1_000, checkpointCredits: 10n ** 18n };
  const { session, provider } = await attached(t, { provider: new Counterparty(never) });
  const { callId } = await session.invoke(requestOf("1"), DEADLINE);
  await assert.rejects(session.prove(callId, 60), { code: "sdk/not-cosigned" });
  provider.answers = false;
  void session.invoke(requestOf("2"), { deadlineMs: 60_000 }).catch(() => undefined);
  await assert.rejects(session.finalise(60), { code: "sdk/no-final-state" });
});
