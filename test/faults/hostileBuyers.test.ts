// Buyers that cheat a real provider over a real channel: each ends as documented (docs/misbehaviour.md), and what the provider
// has lost, by what was settled on chain, is within the exposure that it chose.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { getSettlement } from "@demec/chain";
import { formatServiceMetadata, type Hex, type SessionMessage, signMessageOf } from "@demec/protocol";
import { bareRequest, until } from "@demec/protocol/testing";
import { defaultPolicy } from "@demec/session";
import { compileShout } from "../support/functions.ts";
import { CREDIT, LocalMarket, type TestAccount, type TestProvider, USD } from "../support/localMarket.ts";
import { HostileBuyer } from "./hostileBuyer.ts";
import { creditsOfUsage, exposureOf } from "./ledger.ts";

const LIMITS = { bitOps: 200_000n, floatOps: 0n, memoryPages: 256, outputBytes: 1_024 };
const TARIFF = { a: 2n * 10n ** 16n, b: 0n, c: 10n ** 17n, d: 0n, e: 0n, f: 0n };
const CREDITS = CREDIT / 2n;
/** What the provider may expose holds some ten calls at their worst. */
const EXPOSURE = exposureOf({ credits: CREDITS });
const SLA = { maxLatencyMs: 100, toleranceBps: 100, rebateBps: 5_000, bondPenaltyBps: 0 };
const FOREIGN_KEY: Hex = `0x${"0f".repeat(32)}`;

const request = (text: string) => bareRequest({ input: new TextEncoder().encode(text), limits: LIMITS });

describe("buyers that cheat lose a provider no more than it chose to risk", { timeout: 600_000 }, () => {
  let market: LocalMarket;
  let provider: TestProvider;
  let account: TestAccount;
  let serviceId: bigint;

  before(async () => {
    const [started, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
    market = started;
    const metadata = formatServiceMetadata({ name: "shout", shape: "reactor", limits: LIMITS });
    const name = await market.publish(shout, { tariff: TARIFF, metadata, sla: SLA });
    serviceId = BigInt(name.split("/").at(-1)!);
    const exposure = (credits: bigint) => defaultPolicy(credits, { ackTimeoutMs: 2_000 });
    provider = await market.startProvider({ services: [name], policy: { idleCloseMs: 500, exposure } });
    account = await market.account({ usd: 100n * USD });
    const demec = await market.connect(account);
    await (await demec.service(name)).buy(50n * CREDIT, 10n * USD);
  });
  after(async () => {
    await Promise.all(opened.map((buyer) => buyer.vanish()));
    await market.stop();
  });

  const opened: HostileBuyer[] = [];
  async function open(): Promise<HostileBuyer> {
    const { nodeKey } = provider.daemon;
    const buyer = await HostileBuyer.open(market, account, { nodeKey, serviceId, credits: CREDITS });
    opened.push(buyer);
    return buyer;
  }

  /** Calls one after the other, as many as the provider answers, up to a number that is far beyond its exposure. */
  async function callOn(buyer: HostileBuyer, calls = 60): Promise<void> {
    for (let i = 0; i < calls && buyer.engine.halted === null && haltOf(buyer) === undefined; i++) {
      const callId = buyer.invoke(request(`call ${i}`));
      const isOver = () => buyer.engine.inFlight === 0 && (buyer.results.has(callId) || buyer.refusals.has(callId));
      await Promise.race([until("an end", isOver).catch(() => undefined), sleep(1_000)]);
      if (!isOver()) return;
    }
  }

  /** Waits until the provider has settled by itself. @returns credits of the work that it did, and those it was paid for */
  async function settled(buyer: HostileBuyer) {
    await buyer.vanish();
    await until("the provider closes by itself", async () => (await buyer.status()) !== "open");
    await market.passTime(3_601);
    await until("it is settled", async () => (await buyer.status()) === "settled");
    const settlement = (await getSettlement(market.client, market.deployment, buyer.sessionId))!;
    let done = 0n;
    for (const [callId, { bitOps, floatOps, output }] of buyer.results) {
      const bytes = BigInt((buyer.inputBytes.get(callId) ?? `call ${callId}`.length) + output.length);
      done += creditsOfUsage(TARIFF, { bitOps, floatOps, bytes, durationMs: 0, latencyMs: 0, pingMs: 0 });
    }
    const { creditsUsed } = settlement.state;
    return { done, paid: creditsUsed, lost: done > creditsUsed ? done - creditsUsed : 0n, settlement };
  }

  const haltOf = (buyer: HostileBuyer) =>
    provider.log.lines.find(
      ({ fields, message }) => fields.sessionId === buyer.sessionId && message.startsWith("session halted"),
    )?.fields.code;

  it("refuses to sign: after three refusals the session is closed", async () => {
    const buyer = await open();
    buyer.ear = (message) => {
      if (message.type !== "propose") return message;
      buyer.say({ type: "reject", seq: message.state.seq, code: "no", message: "No." });
      return null;
    };
    await callOn(buyer);
    await until("it halts", () => haltOf(buyer));
    assert.equal(haltOf(buyer), "session/refused-to-sign");
    const { lost, paid } = await settled(buyer);
    assert.ok(lost > 0n && lost <= EXPOSURE && paid === 0n, `${lost}`);
  });

  it("says nothing to proposals: it gets what may be unsigned, once", async () => {
    const buyer = await open();
    buyer.ear = (message) => (message.type === "propose" ? null : message);
    await callOn(buyer);
    assert.ok([...buyer.refusals.values()].includes("session/exposure-exceeded"));
    const { lost } = await settled(buyer);
    assert.ok(lost > 0n && lost <= EXPOSURE, `${lost}`);
  });

  it("signs garbage: the session is closed at its last state", async () => {
    const buyer = await open();
    let honestly = 1;
    buyer.lie = (message, { engine }) => {
      if (message.type !== "accept" || honestly-- > 0) return [message];
      const { state } = engine.state!;
      return [{ ...message, sessionKeySig: signMessageOf(FOREIGN_KEY, engine.terms.domain, "SessionState", state) }];
    };
    await callOn(buyer);
    await until("it halts", () => haltOf(buyer));
    assert.equal(haltOf(buyer), "session/foreign-key");
    const { lost, paid } = await settled(buyer);
    assert.ok(paid > 0n && lost > 0n && lost <= EXPOSURE, `${lost}`);
  });

  it("shows an old state: the session is closed at the newest one, and nothing is lost", async () => {
    const buyer = await open();
    await callOn(buyer, 1);
    const old = await until("a first state", () => buyer.engine.state);
    await callOn(buyer, 1);
    await until("a second state", () => buyer.engine.state!.state.seq > old.state.seq && buyer.engine.uncovered === 0);
    await buyer.vanish();
    await buyer.connect({ full: old, half: null });
    await until("it halts", () => haltOf(buyer));
    assert.equal(haltOf(buyer), "session/rolled-back");
    const { done, paid } = await settled(buyer);
    assert.equal(paid, done);
  });

  it("acknowledges nothing: it gets what may be unsigned, once", async () => {
    const buyer = await open();
    buyer.lie = (message) => (message.type === "ack" ? [] : [message]);
    await callOn(buyer);
    const { lost, paid } = await settled(buyer);
    assert.ok(lost > 0n && lost <= EXPOSURE && paid === 0n, `${lost}`);
  });

  it("vanishes in the middle of every answer: it gets what may be unsigned, once", async () => {
    const buyer = await open();
    buyer.lie = (message) => (message.type === "ack" ? [] : [message]);
    for (let round = 0; round < 12; round++) {
      for (let i = 0; i < 4; i++) buyer.invoke(request(`call ${round} ${i}`));
      const answered = Promise.withResolvers<void>();
      buyer.onResult = () => answered.resolve();
      await Promise.race([answered.promise, sleep(300)]);
      await buyer.vanish();
      if (await buyer.connect()) break;
    }
    const { lost } = await settled(buyer);
    assert.ok(lost > 0n && lost <= EXPOSURE, `${lost}`);
  });

  it("withdraws what it has acknowledged: it gets what may be unsigned, once", async () => {
    const buyer = await open();
    buyer.lie = (message): SessionMessage[] =>
      message.type === "ack" ? [message, { type: "cancel", callId: message.callId }] : [message];
    await callOn(buyer);
    const { lost } = await settled(buyer);
    assert.ok(lost > 0n && lost <= EXPOSURE, `${lost}`);
  });

  it("floods: no more is run than fits the exposure at once, and an honest buyer is served meanwhile", async () => {
    const [buyer, other] = [await open(), await open()];
    for (let callId = 1; callId <= 2_000; callId++) {
      buyer.say({ type: "invoke", callId, request: request(`call ${callId}`), deadlineMs: 5_000 });
    }
    await callOn(other, 5);
    assert.equal(other.results.size, 5);
    await until("all are refused or answered", () => buyer.results.size + buyer.refusals.size >= 2_000);
    const { lost } = await settled(buyer);
    assert.ok(lost > 0n && lost <= EXPOSURE, `${lost}`);
    assert.equal((await settled(other)).lost, 0n);
  });

  it("claims a latency that can't be: the session is closed at its last state", async () => {
    const buyer = await open();
    buyer.lie = (message) => [message.type === "ack" ? { ...message, latencyMs: 60_000, breached: true } : message];
    await callOn(buyer);
    assert.equal(haltOf(buyer), "session/implausible-latency");
    const { lost } = await settled(buyer);
    assert.ok(lost <= EXPOSURE, `${lost}`);
  });

  it("claims breaches that might be: it gets the rebate of the terms, and no more", async () => {
    const buyer = await open();
    // It keeps each result to itself for a while and calls that latency: the provider can't tell.
    buyer.ear = async (message) => {
      if (message.type === "result") await sleep(SLA.maxLatencyMs + 50);
      return message;
    };
    await callOn(buyer, 10);
    await until("all is signed for", () => buyer.engine.state !== null && buyer.engine.uncovered === 0);
    const { lost, settlement } = await settled(buyer);
    const { params } = buyer;
    const earned = (params.value * settlement.state.creditsUsed) / params.credits;
    const rebate = (earned * BigInt(SLA.rebateBps) + 9_999n) / 10_000n;
    assert.equal(lost, 0n);
    assert.equal(settlement.state.breaches, settlement.state.invocations);
    assert.ok(settlement.providerAmount >= earned - rebate, `${settlement.providerAmount} of ${earned}`);
  });
});
