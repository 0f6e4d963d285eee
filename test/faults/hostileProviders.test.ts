// Providers that cheat a buyer's real client over a real channel: each ends as documented (docs/misbehaviour.md), the buyer is
// served by another one where there is a way to know, and never pays for more than the results it got.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { getSettlement } from "@demec/chain";
import { formatServiceMetadata, type Hex, isDemecError, type SessionMessage, signMessageOf } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import { type CallResult, nearestFirst, type Service } from "@demec/sdk";
import { compileShout } from "../support/functions.ts";
import { CREDIT, LocalMarket, USD } from "../support/localMarket.ts";
import type { Lie } from "./hostileBuyer.ts";
import { HostileProvider, type HostileSession } from "./hostileProvider.ts";

const LIMITS = { bitOps: 200_000n, floatOps: 0n, memoryPages: 256, outputBytes: 1_024 };
const TARIFF = { a: 2n * 10n ** 16n, b: 0n, c: 10n ** 17n, d: 0n, e: 0n, f: 0n };
const FOREIGN_KEY: Hex = `0x${"0f".repeat(32)}`;
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** The same proposal with a state that the operator has signed as well. */
function proposeOther(message: SessionMessage, { engine, operatorPrivateKey }: HostileSession, changes: object) {
  if (message.type !== "propose") return [message];
  const state = { ...message.state, ...changes };
  return [
    { ...message, state, operatorSig: signMessageOf(operatorPrivateKey, engine.terms.domain, "SessionState", state) },
  ];
}

describe("providers that cheat get nothing for it", { timeout: 600_000 }, () => {
  let market: LocalMarket;
  let hostile: HostileProvider;
  let name: string;

  before(async () => {
    const [started, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
    market = started;
    const metadata = formatServiceMetadata({ name: "shout", shape: "reactor", limits: LIMITS });
    name = await market.publish(shout, { tariff: TARIFF, metadata });
    hostile = await HostileProvider.start(market, name, "eu-de-fra");
    await market.startProvider({ services: [name], region: "us-va-iad" });
  });
  after(async () => {
    await hostile.stop();
    await market.stop();
  });

  /** A buyer whose first session is with the hostile one, which answered a call and had it signed for. */
  async function trusting(): Promise<{ service: Service; first: CallResult; results: CallResult[] }> {
    hostile.lie = (message) => [message];
    const account = await market.account({ usd: 100n * USD });
    const demec = await market.connect(account);
    const options = { budget: 10n * USD, region: "eu-de", select: nearestFirst, sessionCredits: CREDIT / 2n };
    const service = await demec.service(name, options);
    // An offer of the honest one may have expired by the chain's time, which this test lets jump.
    const first = await until("a first call", () => service.invoke("first").catch(() => null));
    assert.equal(first.session.nodeKey, hostile.nodeKey);
    await first.session.prove(first.callId);
    return { service, first, results: [first] };
  }

  /** Leaves everything, and holds what the hostile one was paid against the results that it gave. */
  async function assertPaidForResults(service: Service, results: readonly CallResult[]): Promise<void> {
    await service.close();
    await market.passTime(3_601);
    await until("all is settled", async () => (await service.close()).every(({ type }) => type === "settled"));
    const { client, deployment } = market;
    for (const session of new Set(results.map((result) => result.session))) {
      if (session.nodeKey !== hostile.nodeKey) continue;
      const { state } = (await getSettlement(client, deployment, session.sessionId))!;
      const given = results.filter((result) => result.session === session);
      const worth = given.reduce((sum, { credits }) => sum + credits, 0n);
      assert.ok(state.creditsUsed <= worth, `${state.creditsUsed} was paid for ${worth}`);
    }
  }

  const lies: readonly [title: string, lie: Lie<HostileSession>, lost: string][] = [
    [
      "claims more work than the call's limits allow: not paid, not delivered, the session is closed at its last state",
      (message) => [message.type === "result" ? { ...message, bitOps: LIMITS.bitOps + 1n } : message],
      "session/implausible-usage",
    ],
    [
      "claims to have computed for longer than the call took: the same",
      (message) => [message.type === "result" ? { ...message, durationMs: 25_000 } : message],
      "session/implausible-usage",
    ],
    [
      "proposes a state with more credits than were used: not signed, closed at the last state",
      (message, session) => proposeOther(message, session, { creditsUsed: 10n ** 17n }),
      "session/state-mismatch",
    ],
    [
      "signs garbage: not signed, closed at the last state",
      (message, { engine }) =>
        message.type === "propose"
          ? [
              {
                ...message,
                operatorSig: signMessageOf(FOREIGN_KEY, engine.terms.domain, "SessionState", message.state),
              },
            ]
          : [message],
      "session/foreign-key",
    ],
    ["says what only a buyer says: closed at the last state", () => [{ type: "closeRequest" }], "session/out-of-order"],
  ];
  for (const [title, lie, code] of lies) {
    it(title, async () => {
      const { service, first, results } = await trusting();
      hostile.lie = lie;
      const second = await service.invoke("second");
      results.push(second);
      assert.equal(text(second.output), "SECOND", "the caller is served, if need be by another");
      await until("it is found out", () => first.session.engine.halted);
      assert.equal(first.session.engine.halted!.code, code);
      const next = await service.invoke("third");
      assert.notEqual(next.session.nodeKey, hostile.nodeKey, "another one serves");
      assert.equal(text(next.output), "THIRD");
      await assertPaidForResults(service, [...results, next]);
    });
  }

  it("proposes an old state again: refused, and calls go on", async () => {
    const { service, first, results } = await trusting();
    const { state } = first.session.engine.state!;
    hostile.lie = (message, session) =>
      message.type === "propose"
        ? [...proposeOther(message, session, { ...state, creditsUsed: 0n }), message]
        : [message];
    const second = await service.invoke("second");
    results.push(second);
    await second.session.prove(second.callId);
    assert.equal(first.session.lost, null);
    await assertPaidForResults(service, results);
  });

  it("never asks for a signature: the buyer calls on until its own exposure is used up, and pays for none of it", async () => {
    const { service, first, results } = await trusting();
    hostile.lie = (message) => (message.type === "propose" ? [] : [message]);
    for (let i = 0; i < 60; i++) {
      const result = await service.invoke(`call ${i}`, { deadlineMs: 300 }).catch((error) => error);
      if (isDemecError(result)) {
        assert.equal(result.code, "session/exposure-exceeded");
        break;
      }
      results.push(result);
    }
    assert.ok(first.session.engine.exposure <= first.session.engine.policy.maxUnsignedCredits);
    await assertPaidForResults(service, results);
  });

  it("goes silent on calls while its heartbeat goes on: each is told of its deadline, and none is paid", async () => {
    const { service, first, results } = await trusting();
    hostile.lie = (message) => (message.type === "result" ? [] : [message]);
    const error = await service.invoke("second", { deadlineMs: 500 }).catch((reason) => reason);
    assert.ok(isDemecError(error, "sdk/call-fault"), `${error}`);
    assert.equal(error.details.code, "session/deadline");
    assert.equal(first.session.engine.uncovered, 0);
    hostile.lie = () => [];
    await assertPaidForResults(service, results);
  });

  it("hangs up in the middle of every answer: the call is answered by another, and charged by it alone", async () => {
    const { service, first, results } = await trusting();
    hostile.lie = (message, { connection }) => {
      if (message.type !== "result") return [message];
      connection.stream.destroy();
      return [];
    };
    const calls = hostile.calls;
    const second = await service.invoke("second", { deadlineMs: 20_000 }).catch((reason) => reason);
    assert.ok(hostile.calls > calls);
    if (!isDemecError(second)) assert.equal(text(second.output), "SECOND");
    assert.equal(first.session.engine.uncovered, 0);
    await assertPaidForResults(service, isDemecError(second) ? results : [...results, second]);
  });

  it("floods its buyer with answers nobody asked for: they are dropped, and calls go on", async () => {
    const { service, results } = await trusting();
    const rest = { status: 0, exitCode: 0, output: new Uint8Array(8), stderr: new Uint8Array(0) } as const;
    hostile.lie = (message) => {
      if (message.type !== "result") return [message];
      const flood = Array.from({ length: 2_000 }, (_, i) => ({
        ...{ type: "result" as const, callId: 1_000_000 + i, bitOps: 1n, floatOps: 0n, durationMs: 0 },
        ...rest,
      }));
      return [...flood, message];
    };
    for (let i = 0; i < 5; i++) results.push(await service.invoke(`call ${i}`));
    assert.deepEqual(
      results.slice(1).map(({ output }) => text(output)),
      ["CALL 0", "CALL 1", "CALL 2", "CALL 3", "CALL 4"],
    );
    await assertPaidForResults(service, results);
  });
});
