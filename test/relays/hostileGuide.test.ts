// A buyer that reaches its provider through a guide only, and the guide is hostile. It sees all bytes of the tunnel and can do
// with them what it likes: it learns nothing of what is bought, and nothing is delivered, or paid, that was not.
import assert from "node:assert/strict";
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { BrowserNode } from "@demec/network/browser";
import { isDemecError } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import { type CallResult, createDemec, type Demec, MemoryVault, type Service } from "@demec/sdk";
import { MemoryJournal } from "@demec/session";
import { compileShout } from "../support/functions.ts";
import { CREDIT, LocalMarket, type TestAccount, type TestProvider, USD } from "../support/localMarket.ts";
import type { Attack, Order, Ready, Report } from "./guideMain.ts";

const ATTACKS = ["flip", "drop", "repeat", "swap", "inject", "replay", "cut"] as const;

let market: LocalMarket;
let provider: TestProvider;
let service: string;
let guide: ChildProcess;
let ready: Ready;
before(async () => {
  let shout: Uint8Array;
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  service = await market.publish(shout);
  provider = await market.startProvider({ services: [service], webSocket: false });
  guide = fork(join(import.meta.dirname, "guideMain.ts"), [JSON.stringify(market.network.bootstrap)]);
  [ready] = (await once(guide, "message")) as [Ready];
});
after(async () => {
  guide?.kill("SIGKILL");
  await market?.stop();
});

async function order(attack: Attack): Promise<Report> {
  const report = once(guide, "message");
  guide.send({ attack } satisfies Order);
  return ((await report) as [Report])[0];
}

interface Buyer {
  readonly account: TestAccount;
  readonly node: BrowserNode;
  readonly demec: Demec;
  readonly service: Service;
}

async function buyer(): Promise<Buyer> {
  const account = await market.account({ usd: 100n * USD });
  const node = await BrowserNode.create({ guides: [ready] });
  const demec = createDemec({
    client: market.client,
    wallet: market.wallet(account),
    deployment: market.deployment,
    network: node,
    journal: new MemoryJournal(),
    vault: new MemoryVault(),
  });
  return {
    account,
    node,
    demec,
    service: await demec.service(service, { budget: 10n * USD, sessionCredits: 2n * CREDIT }),
  };
}

const bytesOf = (hex: string) => Buffer.from(hex.replace(/^0x/, ""), "hex");

test("a guide that keeps every byte has nothing of what was asked, answered, signed or paid", async () => {
  const { account, node, demec, service } = await buyer();
  const asked = "what nobody but the provider is to read";
  const answers: CallResult[] = [];
  for (let i = 0; i < 20; i++) answers.push(await service.invoke(`${asked} ${i}`));
  assert.equal(new TextDecoder().decode(answers[0]!.output), `${asked.toUpperCase()} 0`);
  const session = await service.session();
  const { operatorSig, sessionKeySig } = await session.finalise(10_000);
  const kept = Buffer.from((await order(null)).kept, "base64");
  assert.ok(kept.length > 5_000, `only ${kept.length} bytes went through the guide`);
  const secrets: Record<string, Uint8Array> = {
    "what was asked": Buffer.from(asked),
    "what was answered": Buffer.from(asked.toUpperCase()),
    "the service": Buffer.from(service.name),
    "the session": bytesOf(session.sessionId),
    "the buyer": bytesOf(account.address),
    "the operator": bytesOf(provider.operator.address),
    "the buyer's signature": bytesOf(sessionKeySig!).subarray(0, 32),
    "the operator's signature": bytesOf(operatorSig!).subarray(0, 32),
  };
  for (const [what, bytes] of Object.entries(secrets)) {
    assert.equal(kept.indexOf(bytes), -1, `the guide has ${what}`);
  }
  await service.close();
  await demec.release();
  await node.close();
});

test("whatever a guide does to a tunnel, each answer is right and paid once, and nothing else is", async () => {
  const { node, demec, service } = await buyer();
  const answers: CallResult[] = [];
  let calls = 0;
  const call = async () => {
    const input = `call ${calls++}`;
    try {
      const answer = await service.invoke(input);
      assert.equal(new TextDecoder().decode(answer.output), input.toUpperCase());
      answers.push(answer);
    } catch (error) {
      // A call that was under way when its connection ended may be lost, and is not paid then.
      assert.ok(isDemecError(error), String(error));
    }
  };
  await call();
  for (const attack of ATTACKS) {
    const { attacks } = await order(attack);
    const before = answers.length;
    await until(`${attack} came to pass, and calls are answered again`, async () => {
      await Promise.all([call(), call(), call()]);
      return answers.length > before && (await order(null)).attacks > attacks;
    });
  }
  const settled = (await service.close()).flatMap((step) => (step.type === "settled" ? [step.settlement.state] : []));
  const paid = settled.reduce((sum, { creditsUsed }) => sum + creditsUsed, 0n);
  assert.equal(
    paid,
    answers.reduce((sum, { credits }) => sum + credits, 0n),
  );
  assert.deepEqual(
    settled.map(({ invocations }) => invocations),
    [BigInt(answers.length)],
  );
  await demec.release();
  await node.close();
});

test("a guide that answers in the place of a provider is found out by its key", async () => {
  const node = await BrowserNode.create({ guides: [ready] });
  await order("answer");
  await assert.rejects(node.connect(provider.daemon.nodeKey, { timeoutMs: 3_000 }), { code: "network/key-mismatch" });
  await order(null);
  const connection = await node.connect(provider.daemon.nodeKey);
  assert.deepEqual([connection.carrier, connection.relay], ["tunnel", ready.publicKey]);
  await node.close();
});
