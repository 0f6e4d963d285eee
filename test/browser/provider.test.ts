// A provider in a tab of Chromium: found by topic, reached through its guide, paid by the chain. Chain, DHT and the provider in
// Node, which is the tab's guide, are processes.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, type TestContext, test } from "node:test";
import { claimOf } from "@demec/chain";
import { ContentStore, Node } from "@demec/network";
import { formatServiceMetadata, sha256 } from "@demec/protocol";
import { until } from "@demec/protocol/testing";
import { DEFAULT_POLICY, Provider, setUpProvider } from "@demec/provider";
import { type CallResult, makeRequest, type SelectionPolicy, type Service, verifyReceipt } from "@demec/sdk";
import { MemoryJournal } from "@demec/session";
import { Executor } from "@demec/wasm/node";
import { bytesToHex } from "viem";
import { Chromium, type CodeInBrowser, EXECUTOR_WORKER, skipChromium as skip } from "../support/chromium.ts";
import { compileShout } from "../support/functions.ts";
import { CREDIT, LIMITS, LocalMarket, type SpawnedProvider, type TestAccount, USD } from "../support/localMarket.ts";
import { TestLog } from "../support/testLog.ts";

type Page = typeof import("./pages/tabProvider.ts");
const ENTRY = join(import.meta.dirname, "pages/tabProvider.ts");
/** "spin" uses all of it, which is worth something. */
const OPTIONS = { limits: { ...LIMITS, bitOps: 10n ** 9n } };
const INPUTS = ["hello, edge", "", "größe", "trap", "x".repeat(50_000), "spin"];
const tabs: SelectionPolicy = (candidates) => candidates.filter(({ inBrowser }) => inBrowser);
const nodes: SelectionPolicy = (candidates) => candidates.filter(({ inBrowser }) => !inBrowser);

let market: LocalMarket;
let shout: Uint8Array;
/** Its publisher lets browsers provide the one, and says nothing of the other. */
let service: string;
let closed: string;
let node: SpawnedProvider;
let owner: TestAccount;
let profile: string;
let chromium: Chromium;
let tab: CodeInBrowser<Page>;
before(async () => {
  if (skip) return;
  [market, shout] = await Promise.all([LocalMarket.start(), compileShout()]);
  const metadata = { name: "shout", shape: "reactor", limits: LIMITS } as const;
  service = await market.publish(shout, { metadata: formatServiceMetadata({ ...metadata, browserProviders: true }) });
  closed = await market.publish(shout);
  node = await market.spawnProvider({ services: [service, closed] });
  owner = await market.account({ demec: 5_000n * CREDIT });
  profile = await mkdtemp(join(tmpdir(), "demec-profile-"));
  chromium = await Chromium.openProfile(profile);
  tab = await chromium.openPage<Page>(ENTRY, EXECUTOR_WORKER);
});
after(async () => {
  await chromium?.[Symbol.asyncDispose]();
  await market?.stop();
  if (profile !== undefined) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

const idOf = (name: string) => BigInt(name.split("/").at(-1)!);
const setting = (name: string): Parameters<Page["start"]>[0] => ({
  ...{ ownerPrivateKey: owner.privateKey, rpcUrl: market.network.rpcUrl, deployment: market.deployment },
  ...{ guides: [node.guide!], serviceIds: [idOf(name)], module: shout, stake: 5_000n * CREDIT },
});
const earned = () =>
  claimOf(market.client, market.deployment, { token: market.network.mockUsd, account: owner.address });

async function buyer(select?: SelectionPolicy): Promise<Service> {
  const account = await market.account({ usd: 100n * USD });
  const demec = await market.connect(account);
  return demec.service(service, { budget: 10n * USD, sessionCredits: 2n * CREDIT, select });
}

/** What a receipt says of a call, but for times. */
function sayings({ status, exitCode, output, stderr, usage, credits, receipt }: CallResult) {
  const { bitOps, floatOps, bytes } = usage;
  const hashes = [receipt.executionHash, receipt.outputHash].map((hash) => bytesToHex(hash));
  return { status, exitCode, output: bytesToHex(output), stderr, bitOps, floatOps, bytes, credits, hashes };
}

test("a tab doesn't serve what its publisher lets no browser provide, and nothing happens on chain", {
  skip,
}, async () => {
  assert.equal(await tab.call("start", setting(closed)), "provider/no-browsers");
  assert.equal(await market.client.getTransactionCount({ address: owner.address }), 0);
});

test("a tab is found, reached through its guide, and answers as a provider in Node does: outputs, work, hashes", {
  skip,
}, async (t) => {
  const started = await tab.call("start", setting(service));
  assert.ok(typeof started !== "string", String(started));
  // It tells of itself once it listens, and takes no time off that.
  const reader = await Node.create(market.nodeOptions);
  t.after(() => reader.close());
  await until("its advert can be read", async () => (await reader.readAdvert(started.nodeKey)) !== null);
  const before = await earned();
  const said: object[][] = [];
  for (const [where, select] of [
    ["tab", tabs],
    ["node", nodes],
  ] as const) {
    const bought = await buyer(select);
    const results: CallResult[] = [];
    for (const input of INPUTS) results.push(await bought.invoke(input, OPTIONS));
    const [{ session }] = results as [CallResult];
    assert.equal(session.nodeKey, where === "tab" ? started.nodeKey : node.nodeKey);
    for (const [i, input] of INPUTS.entries()) {
      const { sessionId, params } = session;
      verifyReceipt({
        ...{
          deployment: market.deployment,
          sessionId,
          params,
          codeHash: bytesToHex(sha256(shout)),
          result: results[i]!,
        },
        request: makeRequest(input, OPTIONS, bought.metadata),
        proven: await session.prove(results[i]!.callId),
      });
    }
    said.push(results.map(sayings));
    const used = results.reduce((sum, { credits }) => sum + credits, 0n);
    const [left] = await bought.close();
    assert.ok(left?.type === "settled");
    const { state, providerAmount } = left.settlement;
    assert.deepEqual([state.creditsUsed, state.invocations], [used, BigInt(INPUTS.length)]);
    if (where === "node") continue;
    // The value of the credits that were used, to the unit.
    const { value, credits } = session.params;
    assert.equal(providerAmount, (value * used) / credits);
    assert.equal((await earned()) - before, providerAmount);
    t.diagnostic(`the tab earned ${providerAmount} units for ${used} credits of ${INPUTS.length} calls`);
  }
  assert.deepEqual(said[0], said[1]);
});

test("a buyer uses no tab for a service whose publisher does not allow it, whoever says that it serves it", {
  skip,
}, async (t) => {
  const name = await market.publish(shout);
  const rogue = await startRogue(t, idOf(name));
  const account = await market.account({ usd: 100n * USD });
  const demec = await market.connect(account);
  const bought = await demec.service(name, { budget: 10n * USD, select: (candidates) => candidates });
  await assert.rejects(bought.invoke("hello"), { code: "sdk/no-provider" });
  assert.equal(rogue.status().connections.accepted, 0);
});

/** A provider that is what it should not be: in a tab, as it says itself, with a service that is not for tabs. */
async function startRogue(t: TestContext, serviceId: bigint): Promise<Provider> {
  const { client, deployment } = market;
  const [ownerAccount, operator] = [await market.account({ demec: 5_000n * CREDIT }), await market.account()];
  const nodeOfRogue = await Node.create(market.nodeOptions);
  t.after(() => nodeOfRogue.close());
  const executor = new Executor({ lanes: 1 });
  t.after(() => executor.close());
  const content = await ContentStore.open(market.newFolder(), { node: nodeOfRogue });
  t.after(() => content.close());
  const common = { client, deployment, operatorPrivateKey: operator.privateKey, serviceIds: [serviceId] };
  await setUpProvider({
    ...{ ...common, ownerWallet: market.wallet(ownerAccount), nodeKey: nodeOfRogue.publicKey },
    ...{ regions: ["eu-de-fra"], stake: 5_000n * CREDIT },
  });
  const provider = await Provider.start({
    ...{
      ...common,
      wallet: market.wallet(operator),
      owner: ownerAccount.address,
      node: nodeOfRogue,
      executor,
      content,
    },
    ...{ journal: new MemoryJournal(), policy: DEFAULT_POLICY, inBrowser: true, gates: new Map(), opener: null },
    logger: new TestLog(),
  });
  t.after(() => provider.stop());
  return provider;
}

test("another tab of the origin does not provide under the same keys", { skip }, async () => {
  await using second = await chromium.openPage<Page>(ENTRY, EXECUTOR_WORKER);
  assert.equal(await second.call("start", setting(service)), "session/journal-locked");
  assert.equal(await tab.call("isOver"), false);
});

test("a tab that is closed in the midst of calls costs nobody anything: the buyer goes on elsewhere, what was signed is paid", {
  skip,
}, async () => {
  const before = await earned();
  const bought = await buyer((candidates) => [...tabs(candidates), ...nodes(candidates)]);
  const results: CallResult[] = [];
  let going = true;
  const lanes = Array.from({ length: 4 }, async (_, lane) => {
    for (let i = 0; going; i++) {
      const result = await bought.invoke(`lane ${lane}, call ${i}`);
      assert.equal(Buffer.from(result.output).toString(), `LANE ${lane}, CALL ${i}`);
      results.push(result);
    }
  });
  const ofTab = () => results.filter(({ session }) => session.nodeKey !== node.nodeKey);
  const signed = () => ofTab()[0]?.session.state?.state.creditsUsed ?? 0n;
  await until("both have signed for the tab's work", async () => ofTab().length > 20 && signed() > 0n);
  const signedBefore = signed();
  await tab.page.close();
  await until("the other provider is at work", async () => results.length - ofTab().length > 20);
  going = false;
  await Promise.all(lanes);

  // The visitor comes back: the keys and the journal are where they were, for a worker as for a page.
  tab = await chromium.open<Page>(ENTRY, EXECUTOR_WORKER);
  const again = await tab.call("start", setting(service));
  const [{ session }] = ofTab() as [CallResult];
  assert.ok(typeof again !== "string" && again.nodeKey === session.nodeKey, String(again));
  const answered = ofTab().reduce((sum, { credits }) => sum + credits, 0n);
  const settlements = (await bought.close()).map((left) => {
    assert.ok(left.type === "settled");
    return left.settlement;
  });
  assert.equal(settlements.length, new Set(results.map(({ session }) => session)).size);
  const mine = settlements.find(({ state }) => state.sessionId === session.sessionId)!;
  assert.ok(mine.state.creditsUsed >= signedBefore, "what was signed before is paid");
  assert.ok(mine.state.creditsUsed <= answered, "nothing is paid that was not answered");
  assert.equal(mine.providerAmount + mine.buyerAmount, session.params.value);
  assert.equal((await earned()) - before, mine.providerAmount);
  await tab.call("stop");
  assert.equal(await tab.call("isOver"), true);
});

test("a tab whose page goes away stops; what fails to close then is logged, as nobody waits for it", {
  skip,
}, async () => {
  const started = await tab.call("start", { ...setting(service), failsToClose: true });
  assert.ok(typeof started !== "string", String(started));
  assert.deepEqual(await tab.call("leavePage"), {
    logged: ["not everything of the tab closed"],
    unhandled: [],
  });
  assert.equal(await tab.call("isOver"), true);
});
