import assert from "node:assert/strict";
import { test } from "node:test";
import { creditsUp, inputBytes, type Tariff } from "@demec/protocol";
import fc from "fast-check";
import { DEADLINE_GRACE_MS } from "./terms.ts";
import { requestOf, TERMS } from "./testing/fixtures.ts";
import { Pair } from "./testing/pair.ts";
import { worstCaseCredits } from "./worstCase.ts";

/** The fixtures' call at its worst: 1,000 bit operations, 2 + 100 bytes at 10. */
const WORST = 1_000n + 1_020n;

const coefficient = fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n });
const tariffs: fc.Arbitrary<Tariff> = fc.record({
  a: coefficient,
  b: coefficient,
  c: coefficient,
  d: coefficient,
  e: coefficient,
  f: coefficient,
});

test("no usage within a call's limits and deadline costs more than its worst case, and some usage costs that much", () => {
  const deadlineMs = 5_000;
  const longestMs = deadlineMs + DEADLINE_GRACE_MS;
  const request = requestOf(1, { bitOps: 10_000n, floatOps: 500n, outputBytes: 64 });
  const input = inputBytes(request);
  const within = fc.record({
    bitOps: fc.bigInt({ min: 0n, max: 10_000n }),
    floatOps: fc.bigInt({ min: 0n, max: 500n }),
    bytes: fc.bigInt({ min: input, max: input + 64n }),
    durationMs: fc.integer({ min: 0, max: deadlineMs }),
    latencyMs: fc.integer({ min: 0, max: longestMs }),
    pingMs: fc.integer({ min: 0, max: longestMs }),
  });
  fc.assert(
    fc.property(tariffs, within, (tariff, usage) => {
      const worst = worstCaseCredits({ ...TERMS, tariff }, request, input, deadlineMs);
      assert.ok(creditsUp(tariff, usage) <= worst);
      const corner = {
        bitOps: tariff.a > 0n ? 10_000n : 0n,
        floatOps: tariff.b > 0n ? 500n : 0n,
        bytes: tariff.c > 0n ? input + 64n : input,
        durationMs: tariff.d > 0n ? deadlineMs : 0,
        latencyMs: tariff.e > 0n ? longestMs : 0,
        pingMs: tariff.f > 0n ? longestMs : 0,
      };
      assert.equal(creditsUp(tariff, corner), worst);
    }),
  );
});

test("files count by their bytes and paths in a call's worst case, and what is no file is refused before it counts", () => {
  const pair = new Pair({ terms: { tariff: { a: 0n, b: 0n, c: 10n ** 8n, d: 0n, e: 0n, f: 0n } } });
  const file = { path: "data.csv", bytes: new Uint8Array(1000) };
  const plain = requestOf(1);
  const withFile = { ...plain, files: [file] };
  const worst = (request: typeof plain) => worstCaseCredits(pair.buyer.terms, request, inputBytes(request), 5_000);
  assert.equal(worst(withFile) - worst(plain), 1008n * 100n);
  pair.invoke(withFile);
  assert.throws(() => pair.invoke({ ...plain, files: [{ ...file, path: "../data.csv" }] }), {
    code: "protocol/bad-files",
  });
});

test("the buyer starts no call whose worst case does not fit the credits left", () => {
  const pair = new Pair({ terms: { credits: WORST * 2n } });
  pair.invoke(requestOf(1));
  pair.invoke(requestOf(2));
  assert.throws(() => pair.invoke(requestOf(3)), { code: "session/insufficient-credits", retryable: false });
  pair.settle();
  pair.checkpoint();
  assert.throws(() => pair.invoke(requestOf(3, { bitOps: 10_000n })), { code: "session/insufficient-credits" });
  pair.invoke(requestOf(3));
});

test("the buyer starts no call beyond its exposure, until a state is co-signed", () => {
  const pair = new Pair({ policy: { maxUnsignedCredits: WORST + 200n } });
  pair.invoke(requestOf(0));
  pair.settle();
  pair.invoke(requestOf(0));
  assert.throws(() => pair.invoke(requestOf(3)), { code: "session/exposure-exceeded", retryable: true });
  pair.settle();
  assert.throws(() => pair.invoke(requestOf(3)), { code: "session/exposure-exceeded" });
  pair.checkpoint();
  pair.invoke(requestOf(3));
});

test("a call that alone exceeds the policy is refused for good", () => {
  const pair = new Pair({ policy: { maxUnsignedCredits: WORST - 1n } });
  assert.throws(() => pair.invoke(requestOf(1)), { code: "session/call-too-large", retryable: false });
});

test("the buyer has no more calls in flight than its policy allows", () => {
  const pair = new Pair({ policy: { maxInFlight: 2 } });
  pair.invoke(requestOf(1));
  pair.invoke(requestOf(2));
  assert.throws(() => pair.invoke(requestOf(3)), { code: "session/too-many-in-flight", retryable: true });
  pair.settle();
  pair.invoke(requestOf(3));
});

test("a request outside its ranges is refused before it is sent", () => {
  const pair = new Pair();
  const bad = [
    () => pair.invoke(requestOf(1, { memoryPages: 65_537 })),
    () => pair.invoke(requestOf(1, { bitOps: -1n })),
    () => pair.invoke(requestOf(1), 2 ** 32),
    () => pair.invoke({ ...requestOf(1), seed: new Uint8Array(31) }),
  ];
  for (const attempt of bad) assert.throws(attempt, { code: "protocol/out-of-range" });
  assert.equal(pair.wire.provider.length, 0);
  assert.equal(pair.buyer.exposure, 0n);
});

for (const [title, policy, code] of [
  ["exposure", { maxUnsignedCredits: WORST * 2n - 1n }, "session/exposure-exceeded"],
  ["call size", { maxUnsignedCredits: WORST - 1n }, "session/call-too-large"],
  ["calls in flight", { maxInFlight: 1 }, "session/too-many-in-flight"],
] as const) {
  test(`a provider faults, without breach, instead of executing beyond its ${title}`, () => {
    const pair = new Pair({}, { provider: { policy } });
    pair.invoke(requestOf(1));
    const second = pair.invoke(requestOf(2));
    pair.deliver("provider");
    const executing = pair.executions.length;
    pair.deliver("provider");
    assert.equal(pair.executions.length, executing);
    assert.ok(pair.provider.exposure <= pair.provider.policy.maxUnsignedCredits);
    pair.settle();
    pair.checkpoint();
    const outcome = pair.outcomes.get(second);
    assert.ok(outcome?.type === "fault" && !outcome.breach);
    assert.equal(outcome.code, code);
    assert.equal(pair.buyer.exposure, 0n);
    assert.equal(pair.provider.state?.state.breaches ?? 0n, 0n);
  });
}

test("a provider admits nothing that the credits left can't pay, whatever the buyer believes", () => {
  const pair = new Pair({}, { provider: { terms: { credits: WORST * 2n - 1n } } });
  pair.invoke(requestOf(1));
  const second = pair.invoke(requestOf(2));
  pair.deliver("provider");
  pair.deliver("provider");
  assert.equal(pair.executions.length, 1);
  pair.settle();
  const outcome = pair.outcomes.get(second);
  assert.ok(outcome?.type === "fault" && outcome.code === "session/insufficient-credits");
});

test("a result occupies its actual cost once it is known, not its worst case", () => {
  const pair = new Pair();
  pair.invoke(requestOf(7));
  assert.equal(pair.buyer.exposure, WORST);
  pair.deliver("provider");
  assert.equal(pair.provider.exposure, WORST);
  pair.settle();
  assert.equal(pair.buyer.exposure, 107n + 50n);
  assert.equal(pair.provider.exposure, 107n + 50n);
});
