// A provider whose disk is full closes all its sessions at their newest states, before time can cost it money.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { claimOf, getSession, getSettlement } from "@demec/chain";
import { type Hex, settle } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import { fillDisk, noFullDisk } from "./support/fullDisk.ts";
import { compileShout } from "./support/functions.ts";
import { LocalMarket, USD } from "./support/localMarket.ts";

let market: LocalMarket;
let shout: Uint8Array;

before(async () => {
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
});
after(() => market.stop());

const statusOf = (sessionId: Hex) => getSession(market.client, market.deployment, sessionId);

test("a provider whose disk is full closes its sessions, the idle ones too, and is paid for all that was signed", {
  skip: noFullDisk,
}, async () => {
  const name = await market.publish(shout);
  const provider = await market.spawnProvider({ services: [name] });
  const account = await market.account({ usd: 100n * USD });
  const open = async () => {
    const service = await (await market.connect(account)).service(name, { budget: 10n * USD });
    const { session, callId } = await service.invoke("before");
    const { state } = await session.prove(callId);
    return { service, session, signedSeq: state.state.seq };
  };
  const [busy, idle] = [await open(), await open()];

  fillDisk(provider.process.child.pid!);
  // The failure shows in the one that goes on calling.
  for (const { session } of [busy, idle]) {
    await until("closing", async () => {
      await busy.service.invoke("more", { deadlineMs: 1_000 }).catch(() => undefined);
      return (await statusOf(session.sessionId)).status === "closing";
    });
  }
  await market.passTime(3601);
  let due = 0n;
  for (const { session, signedSeq } of [busy, idle]) {
    const { sessionId, params } = session;
    await until("settled", async () => (await statusOf(sessionId)).status === "settled");
    const { state } = (await getSettlement(market.client, market.deployment, sessionId))!;
    assert.ok(state.seq >= signedSeq, "nothing that was signed is left out");
    due += settle({ ...params, ...state, collected: 0n }).providerAmount;
  }
  const token = market.network.mockUsd;
  assert.equal(await claimOf(market.client, market.deployment, { token, account: provider.owner.address }), due);
});
