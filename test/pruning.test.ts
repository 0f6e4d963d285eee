// What both sides kept of a session, once it is settled for good: receipts can be taken elsewhere, then it is forgotten.
import assert from "node:assert/strict";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { until } from "@demec/protocol/testing";
import { LevelJournal } from "@demec/session/node";
import { compileShout } from "./support/functions.ts";
import { LocalMarket, USD } from "./support/localMarket.ts";
import { runCli } from "./support/runCli.ts";

let market: LocalMarket;
let shout: Uint8Array;

before(async () => {
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
});
after(() => market.stop());

const KEEP_SECONDS = 1_000;

async function journalled(dataDir: string): Promise<readonly string[]> {
  const journal = await LevelJournal.open(join(dataDir, "journal"));
  try {
    return await journal.list();
  } finally {
    await journal.close();
  }
}

test("a settled session's receipts can be exported with their proofs; after a stated time both sides forget it, and an open one never", async () => {
  const name = await market.publish(shout);
  const [providerDir, commandDir] = [market.newFolder(), market.newFolder()];
  const setting = { services: [name], dataDir: providerDir, policy: { keepSettledSeconds: KEEP_SECONDS } };
  const first = await market.startProvider(setting);
  const account = await market.account({ usd: 100n * USD });
  const buyerDir = join(commandDir, "buyer", account.address);
  const demec = await market.connect(account, { dataDir: buyerDir });
  const service = await demec.service(name, { budget: 10n * USD });
  const results = [await service.invoke("one"), await service.invoke("two")];
  const { session } = results[0]!;
  await service.close();
  const open = (await service.invoke("three")).session;

  const receipts = await demec.receipts(session.sessionId);
  assert.deepEqual(
    receipts.map(({ callId }) => callId),
    results.map(({ callId }) => callId),
  );
  for (const [index, proven] of receipts.entries()) {
    const { status, exitCode, output, stderr, receipt } = results[index]!;
    assert.deepEqual(proven.receipt, receipt);
    assert.deepEqual([status, exitCode, output.length, stderr.length], ["ok", 0, 3, 0]);
    assert.equal(proven.state.state.isFinal, true);
  }
  assert.deepEqual(await demec.prune(KEEP_SECONDS), []);
  await market.passTime(KEEP_SECONDS + 1);
  assert.deepEqual(await demec.prune(10 * KEEP_SECONDS), []);
  await demec.close();

  const env = market.environment(account, commandDir);
  const exported = await runCli(["receipts", session.sessionId], env);
  assert.equal(exported.code, 0, exported.stderr);
  const lines = String(exported.stdout).trim().split("\n");
  assert.deepEqual(
    lines.map((line) => JSON.parse(line).callId),
    results.map(({ callId }) => callId),
  );
  assert.equal((await readdir(join(buyerDir, "session-keys"))).length, 2);
  const pruned = await runCli(["prune", "--days", "0", "--json"], env);
  assert.deepEqual(JSON.parse(String(pruned.stdout)), { sessions: [session.sessionId] });
  assert.deepEqual(await journalled(buyerDir), [open.sessionId]);
  assert.equal((await readdir(join(buyerDir, "session-keys"))).length, 1);
  const gone = await runCli(["receipts", session.sessionId, "--json"], env);
  assert.equal(JSON.parse(gone.stderr).code, "cli/no-receipts");

  await first.daemon.stop();
  assert.deepEqual([...(await journalled(providerDir))].sort(), [session.sessionId, open.sessionId].sort());
  const again = await market.startProvider({ ...setting, owner: first.owner, operator: first.operator });
  await until("forgotten", () => again.log.lines.some(({ message }) => message.includes("is forgotten")));
  await again.daemon.stop();
  assert.deepEqual(await journalled(providerDir), [open.sessionId]);
});
