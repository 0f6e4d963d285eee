// Demands on chain against a provider that really runs: daemon, executor, contracts.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as delay } from "node:timers/promises";
import { approveExact, demand, faultCourtAbi, getDemand, listUnsettledSessions } from "@demec/chain";
import { DEMAND_REFUSAL, type ExecutionRequest } from "@demec/protocol";
import { bareRequest } from "@demec/protocol/testing";
import { type Hex, hexToBytes } from "viem";
import { getContractEvents } from "viem/actions";
import { compileShout } from "./support/functions.ts";
import { CREDIT, LocalMarket, USD } from "./support/localMarket.ts";

const TERMS = { maxInputBytes: 1024, maxOutputBytes: 64, windowSeconds: 3600, deposit: 20_000n };

const request = (input: string): ExecutionRequest =>
  bareRequest({
    input: new TextEncoder().encode(input),
    limits: { bitOps: 1_000_000n, floatOps: 0n, memoryPages: 64, outputBytes: 4096 },
  });

test("a provider consents to demands by its policy and answers them, with output or by a refusal, after a restart too", async (t) => {
  const [market, wasm] = await Promise.all([LocalMarket.start(), compileShout()]);
  t.after(() => market.stop());
  const name = await market.publish(wasm);
  const setting = { services: [name], policy: { demands: TERMS }, dataDir: market.newFolder() };
  const provider = await market.startProvider(setting);
  const buyer = await market.account({ usd: 100n * USD });
  const demec = await market.connect(buyer);
  const service = await demec.service(name, { budget: 10n * USD, sessionCredits: 2n * CREDIT });
  await service.call("hello", { limits: { bitOps: 1_000_000n, floatOps: 0n } });

  const { client, deployment } = market;
  const wallet = market.wallet(buyer);
  const [opened] = await listUnsettledSessions(client, deployment, { buyer: buyer.address });
  const { sessionId, params } = opened!;
  assert.deepEqual(
    [params.demandMaxInputBytes, params.demandWindow, params.demandDeposit],
    [TERMS.maxInputBytes, TERMS.windowSeconds, TERMS.deposit],
  );
  // The SDK leaves no allowance behind; a deposit needs one.
  await approveExact(wallet, deployment, {
    token: params.paymentToken,
    spender: deployment.market,
    amount: 10n * TERMS.deposit,
  });
  const ask = (input: string) => demand(wallet, deployment, { params, newest: null, request: request(input) });
  const ended = async (demandId: Hex, eventName: "DemandAnswered" | "DemandRefused") => {
    for (let i = 0; i < 100 && (await getDemand(client, deployment, sessionId)) !== null; i++) await delay(100);
    const filter = { address: deployment.court, abi: faultCourtAbi, args: { demandId }, fromBlock: 0n } as const;
    const [log] = await getContractEvents(client, { ...filter, eventName, strict: true });
    assert.ok(log !== undefined, `no ${eventName}`);
    return log.args;
  };

  const answered = await ended((await ask("whisper")).demandId, "DemandAnswered");
  assert.ok("output" in answered);
  assert.equal(new TextDecoder().decode(hexToBytes(answered.output.output)), "WHISPER");

  const refused = await ended((await ask("long ".repeat(100))).demandId, "DemandRefused");
  assert.ok("reason" in refused);
  assert.equal(refused.reason, DEMAND_REFUSAL.tooExpensive);

  await provider.daemon.stop();
  const { demandId } = await ask("still there?");
  await market.startProvider({ ...setting, owner: provider.owner, operator: provider.operator });
  const late = await ended(demandId, "DemandAnswered");
  assert.ok("output" in late);
  assert.equal(new TextDecoder().decode(hexToBytes(late.output.output)), "STILL THERE?");
});
