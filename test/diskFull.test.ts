// A provider whose disk is full: it takes nothing more and closes at the newest states, before time can cost it money.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { claimOf, getSession, getSettlement } from "@demec/chain";
import { settle } from "@demec/protocol";
import { BuyerPeer } from "./support/buyerPeer.ts";
import { compileShout } from "./support/functions.ts";
import { CREDIT, LocalMarket, USD } from "./support/localMarket.ts";
import { until } from "./support/until.ts";

let market: LocalMarket;
let shout: Uint8Array;

before(async () => {
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
});
after(() => market.stop());

const MIB = 1 << 20;

/** A small disk of its own, and how to fill it. @returns null, and why, where this machine can't have one */
function smallDisk(folder: string): { readonly fill: () => void; readonly unmount: () => void } | string {
  mkdirSync(folder, { recursive: true });
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "demec-test", folder], { stdio: "pipe" });
  } catch (error) {
    return `no disk can be mounted (needs root): ${String((error as { stderr?: unknown }).stderr ?? error).trim()}`;
  }
  return {
    fill() {
      const file = openSync(join(folder, "filler"), "w");
      assert.throws(
        () => {
          for (;;) writeSync(file, new Uint8Array(MIB));
        },
        { code: "ENOSPC" },
      );
      for (const bytes of [4096, 1]) {
        try {
          for (;;) writeSync(file, new Uint8Array(bytes));
        } catch {
          // Full to the last byte.
        }
      }
    },
    unmount: () => void execFileSync("umount", ["-l", folder]),
  };
}

test("a provider whose disk is full takes no more sessions and is paid for all that was signed", async (t) => {
  const dataDir = market.newFolder();
  const disk = smallDisk(dataDir);
  if (typeof disk === "string") return t.skip(disk);
  t.after(disk.unmount);
  const name = await market.publish(shout);
  const provider = await market.startProvider({ services: [name], dataDir });
  const account = await market.account({ usd: 100n * USD });
  const service = await (await market.connect(account)).service(name, { budget: 10n * USD });
  const { session, callId } = await service.invoke("before");
  await session.prove(callId);
  const other = await (await market.connect(account)).service(name, { budget: 10n * USD });
  const idle = (await other.invoke("another session")).session;
  await until("signed", () => idle.state !== null);

  const signedBefore = new Map([session, idle].map((paid) => [paid, paid.state!.state.seq]));
  disk.fill();
  await until("it notices", async () => {
    await service.invoke("a".repeat(1_000), { deadlineMs: 1_000 }).catch(() => undefined);
    return !provider.daemon.status().accepting;
  });
  const refusal = await BuyerPeer.with(market.nodeOptions, provider.daemon.nodeKey, (peer) =>
    peer.offer({ serviceId: service.terms.serviceId, buyer: account.address, credits: CREDIT }),
  ).catch((error) => error);
  assert.ok(refusal === "provider/stops" || refusal instanceof Error, String(refusal));
  // The one that the failure showed in, and the one that was at rest.
  for (const { sessionId } of [session, idle]) {
    await until("closing", async () => (await statusOf(sessionId)).status === "closing");
  }
  await market.passTime(3601);
  let due = 0n;
  for (const [paid, seq] of signedBefore) {
    await until("settled", async () => (await statusOf(paid.sessionId)).status === "settled");
    const { state } = (await getSettlement(market.client, market.deployment, paid.sessionId))!;
    assert.ok(state.seq >= seq, "nothing that was signed for is left out");
    due += settle({ ...paid.params, ...state, collected: 0n }).providerAmount;
  }
  const token = market.network.mockUsd;
  assert.equal(await claimOf(market.client, market.deployment, { token, account: provider.owner.address }), due);
  await provider.daemon.stop().catch(() => undefined);
});

const statusOf = (sessionId: `0x${string}`) => getSession(market.client, market.deployment, sessionId);
